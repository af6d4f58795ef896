package eap_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

// attacks are the published attacks on EAP peers, and the tests beside the machine
// that has to withstand each.
var attacks = []struct{ attack, where, tests string }{
	{"method inside PEAP skipped (CVE-2023-52160)", "peap", "TestCVE202352160 TestCVE202352160ClientCertificate"},
	{"success before anything ran in other tunnels", "ttls", "TestEarlySuccess"},
	{"success before anything ran in other tunnels", "teap", "TestSkippedMethods"},
	{"EAP-pwd lengths (CVE-2015-4143 to 4146)", "pwd", "TestCVE20154143to4146 FuzzProcess"},
	{"EAP-pwd last fragment (CVE-2015-5314, 5315)", "pwd", "TestCVE20155315"},
	{"EAP-pwd unexpected Confirm (CVE-2015-5316)", "pwd", "TestCVE20155316"},
	{"EAP-pwd scalar, element, reflection (CVE-2019-9497 to 9499)", "pwd", "TestCVE20199497to9499 TestReflection TestReflectedConfirm TestIdentityElement"},
	{"EAP-pwd fragments in any order (CVE-2019-11555)", "pwd", "TestCVE201911555"},
	{"EAP-pwd timing (CVE-2019-9495)", "pwd", "TestCVE20199495"},
	{"EAP-pwd timing, second part (CVE-2022-23304)", "../ecc", "TestPasswordToPoint"},
	{"Brainpool timing (CVE-2019-13377)", "pwd", "TestCVE201913377"},
	{"weak groups (Dragonblood)", "pwd", "TestDragonbloodGroups"},
	{"forged AlgorithmIdentifier (CVE-2021-30004)", "eaptls", "TestCVE202130004"},
	{"TLS message length (CVE-2012-4445)", "eaptls", "TestCVE20124445 TestCVE20124445Total FuzzHeader"},
	{"rogue server without ca_cert", "eaptls", "TestRogueServer"},
	{"rogue server chooses GTC", "peap", "TestMethodInsideOnlyFromTheList"},
	{"rogue server chooses GTC", "ttls", "TestMethodInsideOnlyFromTheList"},
	{"rogue server asks for the bare password", "teap", "TestPasswordAsItIs"},
	{"injected Success and Failure", ".", "TestInjectedSuccess TestInjectedFailure"},
	{"repeated TLVs", "peap", "TestRepeatedTLVs"},
	{"repeated TLVs", "teap", "TestRefusedMessages"},
	{"crypto-binding", "peap", "TestCryptoBinding"},
	{"crypto-binding", "teap", "TestForgedBinding"},
	{"MSCHAPv2 server without proof", "mschapv2", "TestServerMustProveItself"},
	{"MSCHAPv2 server without proof", "ttls", "TestServerProof"},
	{"EAP-TLS 1.3 commitment", "tlsmethod", "TestCommitment FuzzCommitment"},
}

// TestAttackIndex: every attack of the list has its tests.
func TestAttackIndex(t *testing.T) {
	name := regexp.MustCompile(`\S+`)
	for _, a := range attacks {
		files, err := filepath.Glob(filepath.Join(a.where, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", a.where, err)
		}
		var text []byte
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, b...)
		}
		for _, n := range name.FindAllString(a.tests, -1) {
			if !regexp.MustCompile(`(?m)^func ` + n + `\(`).Match(text) {
				t.Errorf("%s: no %s in %s", a.attack, n, a.where)
			}
		}
	}
}

// TestInjectedSuccess: a success counts only when the method is content.
func TestInjectedSuccess(t *testing.T) {
	b := newBench(t, nil)
	b.want(end(eap.CodeSuccess, 0), "")
	b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
	b.want(end(eap.CodeSuccess, 1), "")
	b.want(request(2, eaptest.PlainType, "a"), `proposed(250 nak=false) selected(PLAIN) respond(250 "a")`)
	b.want(end(eap.CodeSuccess, 2), "")
	b.want(request(3, eaptest.PlainType, "maycont"), `respond(250 "tnocyam")`)
	b.want(end(eap.CodeSuccess, 3), "")
	if o := words(b.m.LowerSuccess()); o != "" {
		t.Errorf("the lower layer's word was taken: %s", o)
	}
	b.want(request(4, eaptest.PlainType, "good"), `respond(250 "doog")`)
	b.want(end(eap.CodeSuccess, 3), "")
	b.want(end(eap.CodeSuccess, 5), "")
	b.want(end(eap.CodeSuccess, 4), "success(keys=true lower=false again=false)")
}

// TestInjectedFailure: a failure counts only for the last request, and not while
// the method has to go on.
func TestInjectedFailure(t *testing.T) {
	b := newBench(t, nil)
	b.want(end(eap.CodeFailure, 0), "")
	b.want(request(1, eap.TypeIdentity, ""), `started respond(Identity "user")`)
	b.want(end(eap.CodeFailure, 9), "")
	b.want(request(2, eaptest.PlainType, "a"), `proposed(250 nak=false) selected(PLAIN) respond(250 "a")`)
	b.want(end(eap.CodeFailure, 2), "") // CONT
	b.want(request(3, eaptest.PlainType, "maycont"), `respond(250 "tnocyam")`)
	b.want(end(eap.CodeFailure, 2), "")
	b.want(end(eap.CodeFailure, 3), "failure(server refused)")
}
