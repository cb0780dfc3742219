package dev.replisync.tck;

/** A fixture whose store lets others run where it would block, so that requests beside each other can be simulated. */
interface GivesWay {

    /**
     * From now on nothing blocks.
     *
     * @param giveWay called instead of waiting, again and again
     */
    void insteadOfWaiting(Runnable giveWay);

    /**
     * Deletes an entity as a person with a database console does.
     *
     * @param space the space, as it is kept
     * @param key its key
     */
    void deleteBehind(String space, String key);
}
