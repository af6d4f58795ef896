// Package conf holds the configuration of the supplicant: the file
// wpa_supplicant.conf, and every value that the control socket or D-Bus can
// read or change in it.
//
// There is one table of fields per section (global, network, cred). A row of a
// table knows how to parse the text of a value, how to print it, what its
// default and its range are, whether it is a secret and whether it is written
// back. The file reader, the file writer, SET_NETWORK, GET_NETWORK and the D-Bus
// property maps all go through the same rows, so that there is one behaviour.
//
// The engine reads typed struct fields (Globals, Network, EAP, Cred) and needs
// no names. The front ends use names: Set and Get on Config, Network and Cred,
// with values in the syntax of the file.
//
// Values that a field holds are never changed in place: a Set replaces the
// slice. A shallow copy of a section (Clone) is therefore a snapshot.
//
// A value that would not survive a save and a load is refused by Set: no value
// can add a line or a key to the file. Secrets have the type Secret, which
// prints as "[redacted]"; errors never show the value of a secret field.
//
// The package starts no goroutine and keeps no state of its own. A Config
// belongs to whoever holds it, in the daemon to the loop goroutine. The package
// opens only the paths it is given; it does not follow file names inside values
// (certificates, keys, blobs).
package conf
