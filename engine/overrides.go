package engine

import (
	"encoding/hex"
	"fmt"
	"strings"

	"gosupplicant/conf"
)

// overrides are the capabilities in which a network wants to differ from the device:
// bodies of the HT (IEEE 802.11-2024, 9.4.2.54) and VHT Capabilities elements
// (9.4.2.156), with masks of the bits that count. A pair is nil when nothing differs.
// The kernel takes what the device lets it and leaves the rest.
type overrides struct{ ht, htMask, vht, vhtMask []byte }

// bits is a value for some bits of an element, counted from its first octet; one
// below 0 leaves them.
type bits struct{ at, width, value int }

const (
	htCapaSize, vhtCapaSize = 26, 12

	// Where the fields begin; the information fields are at 0.
	htAMPDU, htRxMCS   = 16, 24
	vhtRxMCS, vhtTxMCS = 32, 64

	htRxMCSBits   = 77 // the three after them are reserved
	htRxMCSOctets = 10
	htAMPDUMax    = 3
)

// capaOverrides reads the options of a network.
func capaOverrides(n *conf.Network) (overrides, error) {
	mcs, err := htMCS(n.HTMCS.String())
	if err != nil {
		return overrides{}, err
	}
	var o overrides
	o.ht, o.htMask = layBits(htCapaSize, append(htBits(n), mcs...))
	o.vht, o.vhtMask = layBits(vhtCapaSize, vhtBits(n))
	return o, nil
}

// layBits puts values into an element of size octets and its mask; the last one for a
// bit counts.
func layBits(size int, list []bits) (capa, mask []byte) {
	for _, b := range list {
		if b.value < 0 {
			continue
		}
		if mask == nil {
			capa, mask = make([]byte, size), make([]byte, size)
		}
		for k := range b.width {
			octet, bit := (b.at+k)/8, (b.at+k)%8
			mask[octet] |= 1 << bit
			capa[octet] = capa[octet]&^(1<<bit) | byte(b.value>>k&1)<<bit
		}
	}
	return capa, mask
}

// when is a value under a condition, else "leave".
func when(yes bool, value int) int {
	if yes {
		return value
	}
	return -1
}

func htBits(n *conf.Network) []bits {
	return []bits{
		{0, 1, when(n.DisableLDPC, 0)},
		{1, 1, when(n.DisableHT40, 0)},
		{5, 1, when(n.DisableSGI, 0)},
		{6, 1, when(n.DisableSGI || n.DisableHT40, 0)},
		{7, 1, n.TXSTBC},
		{8, 2, n.RXSTBC},
		{11, 1, when(n.DisableMaxAMSDU >= 0, 1-n.DisableMaxAMSDU)}, // 0 is 3839 octets
		{14, 1, when(n.HT40Intolerant, 1)},
		{htAMPDU, 2, n.AMPDUFactor},
		{htAMPDU + 2, 3, n.AMPDUDensity},
		// HT tells the length of A-MPDUs that VHT does, as far as it can.
		{htAMPDU, 2, when(n.VHTCapaMask>>23&7 != 0, min(n.VHTCapa>>23&7, htAMPDUMax))},
	}
}

// htMCS reads the receive MCS bitmap: octets in hexadecimal, as in "0xff 00". What is
// not in it is not allowed.
func htMCS(text string) ([]bits, error) {
	var octets []byte
	for _, word := range strings.Fields(text) {
		digits := strings.TrimPrefix(strings.ToLower(word), "0x")
		if len(digits) == 1 {
			digits = "0" + digits
		}
		b, err := hex.DecodeString(digits)
		if err != nil || len(b) == 0 {
			return nil, fmt.Errorf("ht_mcs: %q is no octet in hexadecimal", word)
		}
		octets = append(octets, b...)
	}
	if len(octets) > htRxMCSOctets {
		return nil, fmt.Errorf("ht_mcs: %d octets, the bitmap has %d", len(octets), htRxMCSOctets)
	}
	if len(octets) == 0 {
		return nil, nil
	}
	var list []bits
	for k, b := range append(octets, make([]byte, htRxMCSOctets-len(octets))...) {
		list = append(list, bits{htRxMCS + 8*k, min(8, htRxMCSBits-8*k), int(b)})
	}
	return list, nil
}

func vhtBits(n *conf.Network) []bits {
	var list []bits
	for at := range 32 {
		list = append(list, bits{at, 1, when(n.VHTCapaMask>>at&1 != 0, n.VHTCapa>>at&1)})
	}
	for k := range n.VHTRXMCS { // two bits for each number of streams
		list = append(list, bits{vhtRxMCS + 2*k, 2, n.VHTRXMCS[k]}, bits{vhtTxMCS + 2*k, 2, n.VHTTXMCS[k]})
	}
	return append(list, bits{5, 2, when(n.DisableSGI, 0)}) // of 80 and 160 MHz
}
