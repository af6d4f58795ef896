package otp

import (
	"testing"

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
