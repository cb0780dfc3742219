package dev.replisync.proofs;

import dev.replisync.strategy.DiffStrategyProvider;
import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;
import java.util.List;

/** Some hundred histories of all strategies, and of changes between them, in each build; above a hundred thousand in all. */
abstract class SimulationOnMemory extends SimulationContract<MemoryTx> {
    SimulationOnMemory(ServerSetup<MemoryTx> setup) {
        this(setup, List.of());
    }

    SimulationOnMemory(ServerSetup<MemoryTx> setup, List<DiffStrategyProvider> others) {
        super(setup, others, 100, 9_200);
    }
}
