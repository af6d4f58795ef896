// Package dot11 knows the formats of IEEE Std 802.11: addresses, SSIDs,
// elements, management frames, cipher and AKM suites, status and reason
// codes, channels and rates, and the spellings in which users of the
// supplicant meet them.
//
// It is a leaf: everybody imports it, it imports nothing of this module. It
// keeps no state and does no input or output. Multi-byte integers on the
// wire are little-endian unless a comment says otherwise. Whatever it parses
// came from the air and is taken for hostile: parsers are total, they answer
// with a value or with a [ParseError] that names what, where and why, and
// never panic.
//
// Slices in parsed values alias the input; callers that keep a value beyond
// the life of the buffer clone the buffer first.
//
// Clause numbers refer to IEEE Std 802.11-2024 where not said otherwise.
package dot11
