// Package sim is EAP-SIM (RFC 4186), EAP-AKA (RFC 4187) and EAP-AKA' (RFC 9048)
// as methods of engine/eap: authentication with the card of a mobile operator.
//
// # Card
//
// The sums of the card are done
//
//   - by whoever holds it, with external_sim=1: the method asks for them with the
//     prompt SIM ("GSM-AUTH:<rand>:<rand>", "UMTS-AUTH:<rand>:<autn>") and takes
//     "GSM-AUTH:<kc>:<sres>:…", "UMTS-AUTH:<ik>:<ck>:<res>", "UMTS-AUTS:<auts>" or
//     "UMTS-FAIL" for an answer, numbers in hexadecimal;
//   - or by [Milenage] here, with the password "Ki:OPc[:SQN]" in hexadecimal.
//
// Card readers (pcsc) are not built and refused by name.
//
// # Identities
//
// A server hands out pseudonyms and, with fast_reauth, identities for a
// reauthentication without the card. They live in eap.Memory, and so as long as
// the caller keeps that. The permanent identity is the configured one.
//
// # Options (phase1)
//
// sim_min_num_chal=2|3 is how many GSM challenges make a key, result_ind=1 asks
// the server for a protected success.
//
// # What it holds to
//
//   - Nothing is believed before its AT_MAC fits; what is encrypted is decrypted
//     after that.
//   - GSM challenges are at least sim_min_num_chal and all different.
//   - A sequence number is accepted once; others are answered with a
//     resynchronisation, twice at most.
//   - Where EAP-AKA' is allowed too, a server that has it cannot be talked down
//     to EAP-AKA (AT_BIDDING), and AKA' wants the separation bit in AUTN.
package sim
