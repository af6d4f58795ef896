package otp

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func TestOTP(t *testing.T) {
	env := &eap.Env{Config: &eap.Config{}, Answers: &eap.Answers{}}
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	req := eap.Request{ID: 1, Data: []byte("otp-md5 487 dog2")}
	r := m.Process(req)
	if r.Need == nil || r.Need.Prompt() != "[otp-md5 487 dog2]" {
		t.Fatalf("%+v", r)
	}
	env.Answers.Put(eap.FieldOTP, keys.Secret("inn old eye"))
	if r = m.Process(req); string(r.Response) != "\x02\x01\x00\x10\x05inn old eye" {
		t.Errorf("%q", r.Response)
	}
}

// FuzzChallenge: whatever the server shows fits on the line of a prompt, and the
// answer is what was typed for it.
func FuzzChallenge(f *testing.F) {
	f.Add([]byte("otp-md5 487 dog2"), []byte("inn old eye"))
	f.Add([]byte("otp-sha1 1\x00\n] ext"), []byte{})
	f.Fuzz(func(t *testing.T, challenge, answer []byte) {
		env := &eap.Env{Config: &eap.Config{}, Answers: &eap.Answers{}}
		m, err := Kind().New(env)
		if err != nil {
			t.Fatal(err)
		}
		req := eap.Request{ID: 1, Data: challenge}
		r := m.Process(req)
		if r.Need == nil || r.Need.Field != eap.FieldOTP || strings.ContainsAny(r.Need.Prompt(), "\n\r\x00\x1b") || !utf8.ValidString(r.Need.Prompt()) {
			t.Fatalf("%q: %+v", challenge, r.Need)
		}
		if len(answer) > 1000 {
			return
		}
		env.Answers.Put(eap.FieldOTP, answer)
		if p, err := eap.ParsePacket(m.Process(req).Response); err != nil || p.Type != eap.TypeOTP || !bytes.Equal(p.Data, answer) {
			t.Fatalf("%q answered with %+v, %v", answer, p, err)
		}
	})
}
