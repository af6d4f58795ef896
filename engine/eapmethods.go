package engine

import (
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/gtc"
	"gosupplicant/engine/eap/md5"
	"gosupplicant/engine/eap/mschapv2"
	"gosupplicant/engine/eap/otp"
	"gosupplicant/engine/eap/peap"
	"gosupplicant/engine/eap/psk"
	"gosupplicant/engine/eap/pwd"
	"gosupplicant/engine/eap/sim"
	"gosupplicant/engine/eap/teap"
	"gosupplicant/engine/eap/tlsmethod"
	"gosupplicant/engine/eap/ttls"
)

// eapMethods are the methods of this build, in the order of listings.
var eapMethods = eap.Registry{
	md5.Kind(), tlsmethod.Kind(), mschapv2.Kind(), peap.Kind(), ttls.Kind(), gtc.Kind(), otp.Kind(),
	sim.KindSIM(), psk.Kind(), sim.KindAKA(), sim.KindAKAPrime(), teap.Kind(), pwd.Kind(),
}

// EAPMethods lists the names of the EAP methods of this build.
func EAPMethods() []string {
	out := make([]string, len(eapMethods))
	for k := range eapMethods {
		out[k] = eapMethods[k].Name
	}
	return out
}
