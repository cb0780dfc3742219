package dev.replisync;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs what was registered for after the commit: each once, none able to disturb the answer (rule R28). */
final class Effects {
    private static final Logger LOG = LoggerFactory.getLogger(Effects.class);

    private Effects() {}

    static void run(List<Runnable> effects) {
        for (Runnable effect : effects) {
            try {
                effect.run();
            } catch (RuntimeException | Error e) {
                LOG.error("an effect after the commit failed; the commit stands", e);
            }
        }
    }
}
