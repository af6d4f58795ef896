// Package eap is the peer of the Extensible Authentication Protocol (RFC 3748)
// after the state machine of RFC 4137, and the contract between it and the
// methods, each of which has a package of its own below this one.
//
// # Machine
//
// A [Machine] does no I/O, has no clock and calls nobody but its methods. Its
// caller (engine/eapol) feeds it EAP packets, its timer, the answers of the
// user and what the lower layer knows, and carries out the outputs, in their
// order, each of the closed set of types that implement [Output].
//
//	Restart      a new conversation begins (EAPOL-Start was sent, port enabled)
//	Receive      an EAP packet came
//	Timeout      the time set with SetTimer is over
//	Answer       the user (CTRL-RSP, NetworkReply) supplied a credential
//	LowerSuccess the lower layer says that the server was content (altAccept)
//	LowerFailure the lower layer says that it was not (altReject)
//
// # Methods
//
// A method package exports one function Kind() [Kind]; the engine makes a
// [Registry] of them, in the order in which front ends list them. For each
// conversation that selects it, Kind.New makes a [Method] of an [Env], which
// lends configuration, credentials, randomness and the memory of the network.
// The machine gives the method one request after the other, and each [Result]
// holds the response and where the method stands.
//
// A method that lacks a credential changes nothing and returns Result.Need: the
// machine asks the user, and when the answer is there gives the very same
// request again. Methods that run a tunnel (PEAP, TTLS, TEAP) carry the
// conversation inside with [Inner].
//
// # What it holds to
//
//   - EAP-Success and EAP-Failure count only where RFC 4137 lets them: a success
//     before the method reports that it may end is dropped.
//   - A repeated request is answered with the same response, without the method.
//   - All lengths are checked before anything is read; a conversation has at
//     most 100 rounds, 50 of them with short messages.
//   - Keys leave only in [Success].
//
// Numbers in packets are big-endian. Clause numbers are those of RFC 3748 and
// RFC 4137.
package eap
