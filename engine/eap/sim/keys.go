package sim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/binary"
	"fmt"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// transient holds the keys of messages (RFC 4186, 7; RFC 9048, 3.3), and what a
// fast reauthentication starts from.
type transient struct {
	prime bool
	encr  keys.Secret // 16 bytes
	aut   keys.Secret // 16 bytes, 32 with AKA'
	again keys.Secret // MK of 20 bytes, or K_re of 32 with AKA'
}

func (t *transient) zero() {
	t.encr.Zero()
	t.aut.Zero()
	t.again.Zero()
}

func (t *transient) clone() transient {
	return transient{prime: t.prime, encr: t.encr.Clone(), aut: t.aut.Clone(), again: t.again.Clone()}
}

// fromMaster is the key hierarchy of SIM and AKA.
func fromMaster(mk []byte) (transient, *eap.Keys) {
	out := prf(mk, 16+16+64+64)
	return transient{encr: out[:16:16], aut: out[16:32:32], again: keys.Secret(mk)},
		&eap.Keys{MSK: out[32:96:96], EMSK: out[96:160:160]}
}

// simMaster is MK of EAP-SIM (RFC 4186, 7).
func simMaster(identity []byte, triplets []triplet, nonceMT, versions []byte, selected uint16) []byte {
	h := sha1.New()
	h.Write(identity)
	for _, t := range triplets {
		h.Write(t.kc[:])
	}
	h.Write(nonceMT)
	h.Write(versions)
	h.Write(binary.BigEndian.AppendUint16(nil, selected))
	return h.Sum(nil)
}

// akaMaster is MK of EAP-AKA (RFC 4187, 7).
func akaMaster(identity, ik, ck []byte) []byte {
	h := sha1.New()
	h.Write(identity)
	h.Write(ik)
	h.Write(ck)
	return h.Sum(nil)
}

// bindNetwork makes CK' and IK' of CK and IK (3GPP TS 33.402, A.2); autn begins
// with SQN xor AK.
func bindNetwork(ck, ik, network, autn []byte) (ckPrime, ikPrime keys.Secret) {
	length := func(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
	out := keys.HashSHA256.HMAC(append(append(keys.Secret{}, ck...), ik...),
		[]byte{0x20}, network, length(len(network)), autn[:sqnLen], length(sqnLen))
	return out[:16:16], out[16:32:32]
}

// fromPrime is the key hierarchy of AKA' (RFC 9048, 3.3).
func fromPrime(identity, ckPrime, ikPrime []byte) (transient, *eap.Keys) {
	key := append(append(keys.Secret{}, ikPrime...), ckPrime...)
	defer key.Zero()
	out := prfPrime(key, 16+32+32+64+64, []byte("EAP-AKA'"), identity)
	return transient{prime: true, encr: out[:16:16], aut: out[16:48:48], again: out[48:80:80]},
		&eap.Keys{MSK: out[80:144:144], EMSK: out[144:208:208]}
}

// reauthKeys derives keys in a fast reauthentication (RFC 4186, 7; RFC 9048, 3.3).
func (t *transient) reauthKeys(identity []byte, counter uint16, nonceS []byte) *eap.Keys {
	count := binary.BigEndian.AppendUint16(nil, counter)
	var out keys.Secret
	if t.prime {
		out = prfPrime(t.again, 128, []byte("EAP-AKA' re-auth"), identity, count, nonceS)
	} else {
		h := sha1.New()
		h.Write(identity)
		h.Write(count)
		h.Write(nonceS)
		h.Write(t.again)
		out = prf(h.Sum(nil), 128)
	}
	return &eap.Keys{MSK: out[:64:64], EMSK: out[64:]}
}

// mac is AT_MAC: over the packet, whose own field at macAt counts as zeros, and
// extra.
func (t *transient) mac(packet []byte, macAt int, extra []byte) []byte {
	h := keys.HashSHA1
	if t.prime {
		h = keys.HashSHA256
	}
	return h.HMAC(t.aut, packet[:macAt], make([]byte, macLen), packet[macAt+macLen:], extra)[:macLen]
}

// decrypt returns the attributes in AT_ENCR_DATA.
func (t *transient) decrypt(iv, data []byte) (*attrs, error) {
	block, err := aes.NewCipher(t.encr)
	if err != nil {
		return nil, fmt.Errorf("sim: K_encr: %w", err)
	}
	if len(iv) != ivLen || len(data)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: encrypted data without AT_IV", ErrMalformed)
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	a, err := parseAttrs(plain)
	if err != nil {
		return nil, fmt.Errorf("encrypted data: %w", err)
	}
	return a, nil
}

// encrypt returns attributes encrypted, padded to whole blocks.
func (t *transient) encrypt(iv, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(t.encr)
	if err != nil {
		return nil, fmt.Errorf("sim: K_encr: %w", err)
	}
	if short := len(plain) % aes.BlockSize; short != 0 {
		plain = appendAttr(plain, atPadding, 0, make([]byte, aes.BlockSize-short-4))
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return out, nil
}
