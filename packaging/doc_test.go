// Package packaging_test checks what make install puts into a system: files and
// modes, manual pages, units, the D-Bus policy, and that the programs of the
// installed tree run.
package packaging_test
