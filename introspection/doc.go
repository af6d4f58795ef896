// Package introspection holds the contract of the D-Bus front end: one XML
// file per interface, named after it, in the form of the D-Bus specification's
// introspection data, and embedded here.
//
// Package dbus answers Introspect from these files and its tests fail when a
// table there and a file here differ in either direction. What a file does not
// list, the program does not have: members of parts that are not built are
// absent, not present and failing.
package introspection
