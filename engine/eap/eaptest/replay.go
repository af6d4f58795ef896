package eaptest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"gosupplicant/engine/eap"
)

// Stream is a repeatable source of numbers; its value is how many blocks it gave.
type Stream uint32

// Read fills b. It never fails.
func (s *Stream) Read(b []byte) (int, error) {
	for done := 0; done < len(b); {
		*s++
		sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("stream"), uint32(*s)))
		done += copy(b[done:], sum[:])
	}
	return len(b), nil
}

// Recorder is a method that writes down what it is asked and answers, in lines:
// "> " and a request, "< " and the response to it, in hexadecimal.
type Recorder struct {
	eap.Method
	Out *bytes.Buffer
}

// Process implements eap.Method.
func (r *Recorder) Process(req eap.Request) eap.Result {
	res := r.Method.Process(req)
	fmt.Fprintf(r.Out, "> %x\n< %x\n", req.Packet, res.Response)
	return res
}

// Replay gives a recorded conversation to a method with Stream for randomness. It
// fails when the method answers anything else, or is not content in the end. The
// keys are the method's; a line "= " holds the MSK that the other side had.
func Replay(kind eap.Kind, cfg *eap.Config, recording []byte) (*eap.Keys, error) {
	env := &eap.Env{Config: cfg, Rand: new(Stream), Memory: &eap.Memory{}, Answers: &eap.Answers{}}
	m, err := kind.New(env)
	if err != nil {
		return nil, err
	}
	var last eap.Result
	for sc, n := bufio.NewScanner(bytes.NewReader(recording)), 1; sc.Scan(); n++ {
		mark, text, _ := strings.Cut(sc.Text(), " ")
		b, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		switch mark {
		case ">":
			p, err := eap.ParsePacket(b)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			last = m.Process(eap.Request{ID: p.ID, Data: p.Data, Packet: p.Raw})
		case "<":
			if !bytes.Equal(last.Response, b) {
				return nil, fmt.Errorf("line %d: answered %x (%+v), recorded is %x", n, last.Response, last.Why, b)
			}
		case "=":
			if k := m.Keys(); k == nil || !k.MSK.Equal(b) {
				return nil, fmt.Errorf("line %d: the other side had another MSK", n)
			}
		default:
			return nil, fmt.Errorf("line %d: %q", n, mark)
		}
	}
	if last.Decision == eap.DecisionFail {
		return nil, fmt.Errorf("the method is not content: %+v", last)
	}
	return m.Keys(), nil
}
