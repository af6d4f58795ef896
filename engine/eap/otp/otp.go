// Package otp is EAP-OTP (RFC 3748, 5.5) as a method of engine/eap: the server
// shows the challenge of a one-time password (RFC 2289), the user answers what
// the token or calculator says. The words on the wire are those of EAP-GTC under
// another type, so package gtc does the work.
package otp

import (
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/gtc"
)

// Kind describes the method.
func Kind() eap.Kind { return gtc.Prompted(eap.TypeOTP, "OTP") }
