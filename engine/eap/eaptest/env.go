package eaptest

import (
	"crypto/rand"
	"time"

	"gosupplicant/engine/eap"
)

// Env returns an Env for a method under test, at that time.
func Env(cfg *eap.Config, now time.Time, reg eap.Registry) *eap.Env {
	return &eap.Env{Config: cfg, Rand: rand.Reader, Now: func() time.Time { return now }, Memory: &eap.Memory{},
		Registry: reg, Answers: &eap.Answers{}}
}
