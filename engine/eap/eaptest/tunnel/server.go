// Package tunnel plays the server of a method that carries TLS: it drives a method
// through a whole conversation, with a script for what is inside the tunnel.
package tunnel

import (
	"errors"
	"fmt"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
)

// TLSServer is the server of a method that carries TLS: it runs the handshake and
// hands to Inside what comes out of the tunnel.
type TLSServer struct {
	*eaptls.Server
	Type eap.Type
	// Inside takes the plaintext of a response, empty for an acknowledgement, and
	// returns what to send in the tunnel. Done ends the conversation, well or not;
	// with neither the server acknowledges. It is called first when the handshake
	// is done.
	Inside func(plain []byte) (send []byte, done, ok bool)

	id uint8
}

// Start returns the first request.
func (s *TLSServer) Start() []byte {
	s.id = 100
	return s.request(s.Server.Start())
}

func (s *TLSServer) request(data []byte) []byte {
	return eap.AppendPacket(nil, eap.CodeRequest, s.id, s.Type, data)
}

// ID returns the identifier of the last request.
func (s *TLSServer) ID() uint8 { return s.id }

// Next takes a response and returns the next packet: a request, or success or
// failure with end set.
func (s *TLSServer) Next(resp []byte) (packet []byte, end bool, err error) {
	p, err := eap.ParsePacket(resp)
	if err != nil {
		return nil, false, err
	}
	if p.Code != eap.CodeResponse || p.Type != s.Type || p.ID != s.id {
		return nil, false, fmt.Errorf("tunnel: %v of type %v with identifier %d", p.Code, p.Type, p.ID)
	}
	next, plain, err := s.Process(p.Data)
	if err != nil {
		return []byte{byte(eap.CodeFailure), s.id, 0, 4}, true, err
	}
	if next == nil {
		send, done, ok := s.Inside(plain)
		switch {
		case done && ok:
			return []byte{byte(eap.CodeSuccess), s.id, 0, 4}, true, nil
		case done:
			return []byte{byte(eap.CodeFailure), s.id, 0, 4}, true, nil
		case send != nil:
			if err := s.Write(send); err != nil {
				return nil, false, err
			}
		}
		next = s.Request()
	}
	s.id++
	return s.request(next), false, nil
}

// Result is how a conversation ended for both sides.
type Result struct {
	Packet  []byte // the server's last one
	Last    eap.Result
	Rounds  int
	Outputs []eap.Output
	Err     error // of the server
}

// Accepted reports whether the server ended with success and the method is content.
func (r *Result) Accepted() bool {
	return r.Packet != nil && eap.Code(r.Packet[0]) == eap.CodeSuccess && r.Last.Decision != eap.DecisionFail
}

// maxRounds bounds a conversation of a test.
const maxRounds = 400

// Run carries packets between the two until the server ends or the method gives
// up. answer supplies credentials; without it a need is an error.
func Run(m eap.Method, s *TLSServer, answer func(eap.Need)) *Result {
	r := &Result{}
	packet := s.Start()
	for ; r.Rounds < maxRounds; r.Rounds++ {
		p, err := eap.ParsePacket(packet)
		if err != nil {
			r.Err = err
			return r
		}
		last := m.Process(eap.Request{ID: p.ID, Data: p.Data, Packet: p.Raw})
		r.Outputs = append(r.Outputs, last.Outputs...)
		switch {
		case last.Need != nil && answer != nil:
			answer(*last.Need)
			continue
		case last.Need != nil:
			r.Err = errors.New("tunnel: the method asks for " + last.Need.Field.String())
			return r
		case last.Ignore != nil:
			r.Err = last.Ignore
			return r
		}
		r.Last = last
		if last.Response == nil {
			return r
		}
		next, end, err := s.Next(last.Response)
		if end || err != nil {
			r.Packet, r.Err = next, err
			return r
		}
		packet = next
	}
	r.Err = fmt.Errorf("tunnel: more than %d rounds", maxRounds)
	return r
}
