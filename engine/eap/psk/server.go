package psk

import (
	"bytes"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Server is the other side of the method, for the simulated air: one conversation with a
// peer of any name that knows the key.
type Server struct {
	name    []byte // ID_S
	ak, kdk keys.Secret
	randS   []byte
	tek     keys.Secret
	out     *eap.Keys
	sent    uint8 // messages
	done    bool
}

// NewServer takes the shared key of 16 bytes and draws its random number.
func NewServer(rand io.Reader, key keys.Secret, name string) (*Server, error) {
	if len(key) != keyLen {
		return nil, fmt.Errorf("psk: key of %d bytes, want %d", len(key), keyLen)
	}
	s := &Server{name: []byte(name), randS: make([]byte, randLen)}
	if _, err := io.ReadFull(rand, s.randS); err != nil {
		return nil, err
	}
	var err error
	s.ak, s.kdk, err = setup(key)
	return s, err
}

// First is the first message, with the identifier id.
func (s *Server) First(id uint8) []byte {
	s.sent = 1
	return eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypePSK, []byte{flagsFirst}, s.randS, s.name)
}

// Process takes a response. It returns the third message, or nothing when the peer has
// succeeded: then there are keys. A response that is not the right one is an error and
// changes nothing.
func (s *Server) Process(p *eap.Packet, id uint8) ([]byte, error) {
	d := p.Data
	switch {
	case len(d) < 1+randLen || !bytes.Equal(d[1:1+randLen], s.randS):
		return nil, ErrMalformed
	case s.sent == 1 && d[0] == flagsSecond && len(d) >= 1+2*randLen+macLen:
		return s.third(d[1+randLen:], id)
	case s.sent == 3 && d[0] == flagsFourth && len(d) == 1+randLen+4+macLen+1:
		return nil, s.result(p)
	}
	return nil, ErrMalformed
}

func (s *Server) third(d []byte, id uint8) ([]byte, error) {
	randP, mac, name := d[:randLen], d[randLen:randLen+macLen], d[randLen+macLen:]
	want, err := keys.CMAC(s.ak, name, s.name, s.randS, randP)
	if err != nil {
		return nil, err
	}
	if !keys.Equal(want, mac) {
		return nil, fmt.Errorf("psk: the peer does not know the key: its MAC is wrong")
	}
	own, err := keys.CMAC(s.ak, s.name, randP)
	if err != nil {
		return nil, err
	}
	if s.tek, s.out, err = derive(s.kdk, randP); err != nil {
		return nil, err
	}
	channel := make([]byte, 4+macLen+1)
	packet := eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypePSK, []byte{flagsThird}, s.randS, own, channel)
	text, tag, err := eax(s.tek, nonce(0), packet[:headerLen], []byte{resultSuccess}, true)
	if err != nil {
		return nil, err
	}
	at := len(packet) - macLen - 1
	copy(packet[at+copy(packet[at:], tag):], text)
	s.sent = 3
	return packet, nil
}

func (s *Server) result(p *eap.Packet) error {
	channel := p.Data[1+randLen:]
	plain, tag, err := eax(s.tek, nonce(1), p.Raw[:headerLen], channel[4+macLen:], false)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(channel[:4], []byte{0, 0, 0, 1}) || !keys.Equal(tag, channel[4:4+macLen]):
		return fmt.Errorf("psk: the protected channel's tag is wrong")
	case plain[0] != resultSuccess:
		return fmt.Errorf("psk: the peer reports failure")
	}
	s.done = true
	return nil
}

// Keys are those of a conversation that has succeeded, else nil.
func (s *Server) Keys() *eap.Keys {
	if !s.done {
		return nil
	}
	return s.out
}
