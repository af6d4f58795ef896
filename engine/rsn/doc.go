// Package rsn is the supplicant's side of key management: the choice of AKM and
// ciphers for a BSS (Choose), the EAPOL-Key frames of the 4-way and group key
// handshakes (Machine), and the cache of PMK security associations (Cache).
//
// A Machine does no I/O, has no clock and calls nobody. The engine feeds it with
// what happened (associated, frame received, timer fired, disassociated, PMK
// known) and carries out the outputs, in their order, each one of the closed set
// of types that implement Output. It belongs to the loop goroutine.
//
// What never bends:
//
//   - Key Data are not looked at, let alone decrypted, before the MIC holds.
//   - No key is output for installation twice in one association, whatever is
//     replayed in whatever state: every key's digest is kept until the end of the
//     association.
//   - Replay counters only grow, and only by frames whose MIC holds.
//   - A frame that is not valid in the present state changes nothing and is
//     answered by nothing; a Note tells why it was dropped.
//   - Every handshake has a fresh SNonce.
//   - Once keys are in use, EAPOL-Key frames that came unencrypted are dropped.
//     One exception, without which a lost message 4 would cost the connection:
//     message 3 of the very handshake just completed, proven by its MIC and a
//     higher counter, is answered by message 4 as long as the access point has
//     not been heard encrypted.
//
// It does not: run SAE, OWE or EAP (they hand over a PMK), reach a driver, or
// decide what happens after a failure.
//
// Clause numbers refer to IEEE Std 802.11-2024.
package rsn
