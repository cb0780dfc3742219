package dev.replisync.tck;

import dev.replisync.tck.FixtureCheck.WrongFixture;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has a fixture checked before the first test of a contract, or of all contracts of a server. If it is wrong, that test
 * says so and the others are skipped: what they would find says nothing of the rules.
 */
final class FixtureWatch implements BeforeEachCallback {
    private static final ExtensionContext.Namespace CHECKED = ExtensionContext.Namespace.create(FixtureWatch.class);

    private record Finding(Optional<WrongFixture> wrong, AtomicBoolean told) {
        static Finding of(StoreContract<?> contract) {
            try {
                contract.checkFixture();
            } catch (WrongFixture e) {
                return new Finding(Optional.of(e), new AtomicBoolean());
            } catch (RuntimeException | AssertionError e) {
                // Not the fixture's: the tests tell.
            }
            return new Finding(Optional.empty(), new AtomicBoolean());
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        StoreContract<?> contract = (StoreContract<?>) context.getRequiredTestInstance();
        ExtensionContext owner = owner(context);
        Finding finding = owner.getStore(CHECKED)
                .computeIfAbsent(owner.getRequiredTestClass(), type -> Finding.of(contract), Finding.class);
        finding.wrong().ifPresent(wrong -> {
            if (finding.told().compareAndSet(false, true)) {
                throw wrong;
            }
            Assumptions.abort(StoreContract.SKIPPED + wrong.getMessage());
        });
    }

    /** The class whose tests share a fixture. */
    private static ExtensionContext owner(ExtensionContext test) {
        ExtensionContext type = test.getParent().orElseThrow();
        return type.getParent()
                .filter(outer -> outer.getTestClass()
                        .filter(ServerCompliance.class::isAssignableFrom)
                        .isPresent())
                .orElse(type);
    }
}
