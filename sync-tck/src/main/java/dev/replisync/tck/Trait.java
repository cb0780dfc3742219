package dev.replisync.tck;

/**
 * What a strategy may be, as its test declares it or as it follows from the settings. A test that needs another is
 * skipped and says so.
 */
public enum Trait {
    /** It pulls by version: each push moves the version of its space. */
    VERSIONS,
    /** It pulls by client view records: a pull sends how a view differs from what was sent before. */
    VIEW_RECORDS,
    /** Each pull that has something to tell sends everything. */
    WHOLE_VIEWS,
    /** A pull sends what has changed and nothing else. Follows where {@link #WHOLE_VIEWS} is not declared. */
    DIFFERENCES,
    /** What is written in one space is not seen in another. */
    SEPARATE_SPACES,
    /** It has an option for replicas that lag. Follows from {@link ServerSetup#withReplicas}. */
    REPLICAS,
    /**
     * Mutators of one space run one after the other. Follows from the version being taken first; declared where a
     * strategy locks spaces for nothing else.
     */
    MUTATORS_IN_TURN,
    /** Mutators of one space run beside each other. Follows where no version is taken first. */
    MUTATORS_SIDE_BY_SIDE
}
