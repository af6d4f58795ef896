package eaptls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/tls"
	"encoding/binary"
	"strings"

	"gosupplicant/engine/keys"
)

// record10 protects application data of TLS 1.0 with a CBC suite (RFC 2246, 6.2.3).
//
// crypto/tls splits such data into one byte and the rest, against an attack on
// web browsers (BEAST) that needs somebody to choose what is sent. EAP servers
// that speak TLS 1.0 read one record and take the one byte for the whole message.
// So the tunnels' data is put into a single record here; nothing else is sent by
// crypto/tls in a tunnel after that.
type record10 struct {
	enc cipher.BlockMode // chains over records, as TLS 1.0 does
	mac []byte
	seq uint64
}

// newRecord10 takes over after the Finished message; last is the end of its record.
func (s *Session) newRecord10() *record10 {
	name := tls.CipherSuiteName(s.state.CipherSuite)
	if s.state.Version != tls.VersionTLS10 || !strings.HasSuffix(name, "_CBC_SHA") || len(s.master) == 0 {
		return nil
	}
	keyLen, block := 16, aes.NewCipher
	switch {
	case strings.Contains(name, "AES_256"):
		keyLen = 32
	case strings.Contains(name, "3DES"):
		keyLen, block = 24, des.NewTripleDESCipher
	}
	seed := append(append([]byte{}, s.serverRandom...), s.clientRandom...)
	kb := prf(tls.VersionTLS10, 0, s.master, "key expansion", seed, 2*sha1.Size+keyLen)
	b, err := block(kb[2*sha1.Size:])
	if err != nil || len(s.lastOut) < b.BlockSize() {
		return nil
	}
	iv := s.lastOut[len(s.lastOut)-b.BlockSize():]
	return &record10{enc: cipher.NewCBCEncrypter(b, iv), mac: kb[:sha1.Size], seq: 1}
}

const maxRecord = 1 << 14

// seal appends the records that carry data to out.
func (r *record10) seal(out, data []byte) []byte {
	for first := true; first || len(data) > 0; first = false {
		part := data[:min(len(data), maxRecord)]
		data = data[len(part):]
		out = r.record(out, part)
	}
	return out
}

func (r *record10) record(out, data []byte) []byte {
	head := binary.BigEndian.AppendUint64(nil, r.seq)
	head = append(head, 23, 3, 1, byte(len(data)>>8), byte(len(data)))
	r.seq++
	m := hmac.New(sha1.New, r.mac)
	m.Write(head)
	m.Write(data)
	body := m.Sum(append(make(keys.Secret, 0, len(data)+2*sha1.Size), data...))
	pad := r.enc.BlockSize() - len(body)%r.enc.BlockSize()
	for range pad {
		body = append(body, byte(pad-1))
	}
	r.enc.CryptBlocks(body, body)
	out = append(out, 23, 3, 1, byte(len(body)>>8), byte(len(body)))
	return append(out, body...)
}
