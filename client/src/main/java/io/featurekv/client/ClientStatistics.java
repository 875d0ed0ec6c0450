package io.featurekv.client;

/**
 * What a client has done since it was started. Read one after the other, so that the numbers may
 * belong to slightly different moments.
 *
 * @param reads batches, single reads, pages of scans and lists of tables that were begun
 * @param firstTries requests that were sent for keys or pages which nobody had been asked for yet
 * @param hedges requests that were sent to a second holder because the first took long
 * @param hedgesWon hedges that answered a key before the first holder did
 * @param retries requests that were sent because others had failed
 * @param budgetRefusals hedges and retries that were not sent, or not yet, because there had been
 *     too many of them
 * @param tryAgains answers by which a node said that it has too much to do
 * @param restarts batches that began anew at a newer version
 * @param ejections times that a node was taken out because it failed or was much slower than others
 * @param returns times that such a node came back
 */
public record ClientStatistics(
    long reads,
    long firstTries,
    long hedges,
    long hedgesWon,
    long retries,
    long budgetRefusals,
    long tryAgains,
    long restarts,
    long ejections,
    long returns) {}
