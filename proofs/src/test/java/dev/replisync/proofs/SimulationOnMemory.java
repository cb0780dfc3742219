package dev.replisync.proofs;

import dev.replisync.tck.MemoryTx;
import dev.replisync.tck.ServerSetup;
import dev.replisync.tck.SimulationContract;

/** Some hundred histories of all strategies in each build, and a hundred thousand with the long suites. */
abstract class SimulationOnMemory extends SimulationContract<MemoryTx> {
    SimulationOnMemory(ServerSetup<MemoryTx> setup) {
        super(setup, 100, 12_500);
    }
}
