// Package sae is simultaneous authentication of equals, the password
// authenticated key exchange of WPA3-Personal (clause 12.4): commit and confirm,
// hash-to-element and the older hunting-and-pecking, anti-clogging tokens,
// password identifiers, and the verification of SAE-PK (Wi-Fi Alliance, WPA3
// specification 3, section 6).
//
// A [Machine] does no I/O, has no clock and calls nobody. The caller feeds it
// the authentication frames of one peer and its timer, and carries out the
// outputs, in their order, each of the closed set of types that implement
// [Output]. The exchange is symmetric, so the same machine plays the access
// point for the simulated air ([RoleAP]).
//
// A machine is for one exchange: after [Done] or [Failed] it is only good for
// repeating a lost confirm. The points that hash-to-element derives from
// network name and password are worth keeping; [PTs] does.
//
// What it holds to:
//
//   - Whatever depends on the password or on a private scalar takes the same
//     time whatever the value: points come from filippo.io/nistec, field and
//     scalar numbers from filippo.io/bigmod, choices are masks. math/big is not
//     used.
//   - Groups 19, 20 and 21, and the MODP groups 15 and 16 where they are asked
//     for. No other group can be configured.
//   - A peer's scalar is between 1 and the order, both excluded, its element a
//     member of the group and not the identity, and neither is our own.
//   - A frame that is not valid in the present state changes nothing; [Ignored]
//     tells why it was dropped.
//
// It does not choose between hash-to-element and hunting-and-pecking, does not
// keep PMKs, and knows no access point's beacon.
//
// Clause numbers refer to IEEE Std 802.11-2024. Numbers in frames are
// big-endian within scalars, elements and hashes, little-endian elsewhere.
package sae
