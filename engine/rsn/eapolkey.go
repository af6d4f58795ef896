package rsn

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gosupplicant/engine/keys"
)

// EAPOL packet types (IEEE Std 802.1X-2020, 11.3.2) that matter here.
const eapolKey = 3

// Descriptor types of EAPOL-Key frames (12.7.2).
const (
	DescriptorRSN uint8 = 2
	DescriptorWPA uint8 = 254
)

// KeyInfo is the Key Information field (12.7.2).
type KeyInfo uint16

// Bits of KeyInfo.
const (
	KeyInfoVersion   KeyInfo = 0x0007 // descriptor version
	KeyInfoPairwise  KeyInfo = 1 << 3
	KeyInfoIndex     KeyInfo = 0x0030 // key index, WPA only
	KeyInfoInstall   KeyInfo = 1 << 6 // in WPA's group message: the Tx bit
	KeyInfoAck       KeyInfo = 1 << 7
	KeyInfoMIC       KeyInfo = 1 << 8
	KeyInfoSecure    KeyInfo = 1 << 9
	KeyInfoError     KeyInfo = 1 << 10
	KeyInfoRequest   KeyInfo = 1 << 11
	KeyInfoEncrypted KeyInfo = 1 << 12
	KeyInfoSMK       KeyInfo = 1 << 13
	keyInfoIndexAt           = 4
)

// Version returns the key descriptor version.
func (i KeyInfo) Version() uint8 { return uint8(i & KeyInfoVersion) }

// Index returns WPA's group key index.
func (i KeyInfo) Index() int { return int(i & KeyInfoIndex >> keyInfoIndexAt) }

// KeyFrame is an EAPOL-Key frame (12.7.2). Integers are big-endian on the wire.
type KeyFrame struct {
	EAPOLVersion  uint8
	Descriptor    uint8
	Info          KeyInfo
	KeyLen        uint16 // bytes of the key that is set up
	ReplayCounter uint64
	Nonce         keys.Nonce
	IV            [16]byte
	RSC           [8]byte
	MIC           []byte // 0, 16, 24 or 32 bytes by AKM
	Data          []byte // Key Data, possibly encrypted; at most 65535 bytes

	raw []byte // the PDU as it came, without what followed it
}

const (
	eapolHeaderLen = 4
	keyFixedLen    = 77 // descriptor type to the reserved bytes, without MIC
	micOffset      = eapolHeaderLen + keyFixedLen
)

// ErrNotKey tells that a PDU is EAPOL of another kind than EAPOL-Key.
var ErrNotKey = errors.New("rsn: not an EAPOL-Key PDU")

// IsKey reports whether the PDU announces itself as an EAPOL-Key frame with a
// descriptor of WPA or RSN; the other EAPOL frames are not for a Machine.
func IsKey(pdu []byte) bool {
	return len(pdu) > eapolHeaderLen && pdu[1] == eapolKey &&
		(pdu[eapolHeaderLen] == DescriptorRSN || pdu[eapolHeaderLen] == DescriptorWPA)
}

// ParseKeyFrame parses an EAPOL PDU whose MIC field has micLen bytes. Bytes behind
// the announced length (padding of short frames) are ignored; one byte too few
// anywhere, an unknown descriptor, or a Key Data length that does not fill the PDU
// exactly, are errors. The result aliases the PDU.
func ParseKeyFrame(pdu []byte, micLen int) (*KeyFrame, error) {
	if len(pdu) < eapolHeaderLen {
		return nil, fmt.Errorf("rsn: EAPOL header: %d bytes, want %d", len(pdu), eapolHeaderLen)
	}
	if pdu[1] != eapolKey {
		return nil, ErrNotKey
	}
	n := int(binary.BigEndian.Uint16(pdu[2:]))
	if n > len(pdu)-eapolHeaderLen {
		return nil, fmt.Errorf("rsn: EAPOL length %d, %d bytes left", n, len(pdu)-eapolHeaderLen)
	}
	fixed := keyFixedLen + micLen + 2
	if n < fixed {
		return nil, fmt.Errorf("rsn: EAPOL-Key of %d bytes, want at least %d", n, fixed)
	}
	b := pdu[: eapolHeaderLen+n : eapolHeaderLen+n]
	f := &KeyFrame{EAPOLVersion: b[0], Descriptor: b[4], raw: b,
		Info:          KeyInfo(binary.BigEndian.Uint16(b[5:])),
		KeyLen:        binary.BigEndian.Uint16(b[7:]),
		ReplayCounter: binary.BigEndian.Uint64(b[9:]),
		Nonce:         keys.Nonce(b[17:49]),
		IV:            [16]byte(b[49:65]),
		RSC:           [8]byte(b[65:73]),
		MIC:           b[micOffset : micOffset+micLen : micOffset+micLen],
	}
	if f.Descriptor != DescriptorRSN && f.Descriptor != DescriptorWPA {
		return nil, fmt.Errorf("rsn: EAPOL-Key descriptor type %d is unknown", f.Descriptor)
	}
	f.Data = b[micOffset+micLen+2:]
	if got := int(binary.BigEndian.Uint16(b[micOffset+micLen:])); got != len(f.Data) {
		return nil, fmt.Errorf("rsn: EAPOL-Key data length %d, %d bytes left", got, len(f.Data))
	}
	return f, nil
}

// Verify reports whether the frame's MIC is the one of its bytes under kck. It
// needs a parsed frame.
func (f *KeyFrame) Verify(m keys.MIC, kck []byte) bool {
	if m.Len() == 0 || len(f.MIC) != m.Len() {
		return false
	}
	c := append([]byte(nil), f.raw...)
	clear(c[micOffset : micOffset+m.Len()])
	want, err := m.Sum(kck, c)
	return err == nil && keys.Equal(want, f.MIC)
}

// Append appends the PDU to dst, with f.MIC as it is.
func (f *KeyFrame) Append(dst []byte) []byte {
	dst = append(dst, f.EAPOLVersion, eapolKey)
	dst = binary.BigEndian.AppendUint16(dst, uint16(keyFixedLen+len(f.MIC)+2+len(f.Data)))
	dst = append(dst, f.Descriptor)
	dst = binary.BigEndian.AppendUint16(dst, uint16(f.Info))
	dst = binary.BigEndian.AppendUint16(dst, f.KeyLen)
	dst = binary.BigEndian.AppendUint64(dst, f.ReplayCounter)
	dst = append(dst, f.Nonce[:]...)
	dst = append(dst, f.IV[:]...)
	dst = append(dst, f.RSC[:]...)
	dst = append(dst, make([]byte, 8)...)
	dst = append(dst, f.MIC...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(f.Data)))
	return append(dst, f.Data...)
}

// Seal returns the PDU with its MIC under kck filled in; it sets f.MIC.
func (f *KeyFrame) Seal(m keys.MIC, kck []byte) ([]byte, error) {
	f.MIC = make([]byte, m.Len())
	pdu := f.Append(nil)
	mic, err := m.Sum(kck, pdu)
	if err != nil {
		return nil, err
	}
	copy(pdu[micOffset:], mic)
	f.MIC = mic
	return pdu, nil
}
