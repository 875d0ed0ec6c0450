/**
 * Instruments that do harm to real processes, files, disks, networks and clocks, each usable alone
 * and each shown to work by a test of its own. Every instrument that needs something of the machine
 * says by {@code missing()} what is not there, and puts back what it changed when it is closed.
 */
@org.jspecify.annotations.NullMarked
package io.featurekv.chaos.instruments;
