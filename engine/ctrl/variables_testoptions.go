//go:build testoptions

package ctrl

import (
	"fmt"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// testVariables are variables of SET for test programs, by names in lower case.
var testVariables = map[string]func(*engine.Interface, string) error{
	"ext_eapol_frame_io":             testFlag(func(t *engine.Tamper) *bool { return &t.EAPOLByHand }),
	"ext_mgmt_frame_handling":        testFlag(func(t *engine.Tamper) *bool { return &t.FramesByHand }),
	"ignore_auth_resp":               testFlag(func(t *engine.Tamper) *bool { return &t.IgnoreAuth }),
	"disable_sa_query":               testFlag(func(t *engine.Tamper) *bool { return &t.NoSAQuery }),
	"encrypt_eapol_m2":               testFlag(func(t *engine.Tamper) *bool { return &t.EncryptM2 }),
	"encrypt_eapol_m4":               testFlag(func(t *engine.Tamper) *bool { return &t.EncryptM4 }),
	"disable_eapol_g2_tx":            testFlag(func(t *engine.Tamper) *bool { return &t.NoG2 }),
	"oci_freq_override_eapol":        testFreq(func(t *engine.Tamper) *int { return &t.FreqM2 }),
	"oci_freq_override_eapol_g2":     testFreq(func(t *engine.Tamper) *int { return &t.FreqG2 }),
	"oci_freq_override_saquery_req":  testFreq(func(t *engine.Tamper) *int { return &t.FreqQuery }),
	"oci_freq_override_saquery_resp": testFreq(func(t *engine.Tamper) *int { return &t.FreqAnswer }),
	"rsne_override_eapol":            setRSNEOverride,
	"rsnxe_override_eapol":           testElement(func(t *engine.Tamper) **[]byte { return &t.RSNXEM2 }),
	"rsnxe_override_assoc":           testElement(func(t *engine.Tamper) **[]byte { return &t.RSNXEAssoc }),
	"eapol_2_key_info_set_mask":      setKeyInfoMask,
	"sae_commit_override":            setCommitOverride,
	"extra_sae_rejected_groups":      setRejectedGroups,
	"driver_signal_override":         setSignalOverride,
	"get_pref_freq_list_override":    setPreferred,
	// What these ignore is never looked at, so that only 1 can be had.
	"ignore_assoc_disallow": onlyOn("the association disallowed attribute of MBO"),
	"ignore_sae_h2e_only":   onlyOn("the BSS membership selector of SAE hash-to-element"),
	"disable_scs_support":   onlyOn("SCS"),
	"disable_mscs_support":  onlyOn("MSCS"),
}

func init() {
	// Parts that these change are not built.
	for _, name := range strings.Fields(`extra_roc_dur test_failure p2p_go_csa_on_inv ft_rsnxe_used
		oci_freq_override_ft_assoc oci_freq_override_fils_assoc oci_freq_override_wnm_sleep link_ies reject_btm_req_reason
		test_assoc_comeback_type`) {
		testVariables[name] = func(*engine.Interface, string) error { return fmt.Errorf("SET %s: not built", name) }
	}
}

func testFlag(field func(*engine.Tamper) *bool) func(*engine.Interface, string) error {
	return func(i *engine.Interface, value string) error {
		on, err := bit(value)
		if err != nil {
			return err
		}
		return i.Tamper(func(t *engine.Tamper) error { *field(t) = on; return nil })
	}
}

func testFreq(field func(*engine.Tamper) *int) func(*engine.Interface, string) error {
	return func(i *engine.Interface, value string) error {
		freq, err := number(value, 0, 1<<20)
		if err != nil {
			return err
		}
		return i.Tamper(func(t *engine.Tamper) error { *field(t) = freq; return nil })
	}
}

// override reads hexadecimal digits, or NULL for none.
func override(value string) (b []byte, none bool, err error) {
	if value == "NULL" {
		return nil, true, nil
	}
	b, err = octets(value, maxTestElements)
	return b, false, err
}

func testElement(field func(*engine.Tamper) **[]byte) func(*engine.Interface, string) error {
	return func(i *engine.Interface, value string) error {
		b, none, err := override(value)
		if err != nil {
			return err
		}
		return i.Tamper(func(t *engine.Tamper) error {
			*field(t) = &b
			if none {
				*field(t) = nil
			}
			return nil
		})
	}
}

func setRSNEOverride(i *engine.Interface, value string) error {
	b, none, err := override(value)
	if err == nil && !none && len(b) == 0 {
		err = invalid("rsne_override_eapol: empty")
	}
	if err != nil {
		return err
	}
	return i.Tamper(func(t *engine.Tamper) error { t.RSNEM2 = b; return nil })
}

// setKeyInfoMask: two octets, most significant first; none to end it.
func setKeyInfoMask(i *engine.Interface, value string) error {
	b, err := octets(value, 2)
	if err != nil || len(b) == 1 {
		return invalid("eapol_2_key_info_set_mask")
	}
	mask := uint16(0)
	if len(b) == 2 {
		mask = uint16(b[0])<<8 | uint16(b[1])
	}
	return i.Tamper(func(t *engine.Tamper) error { t.InfoM2 = mask; return nil })
}

// setCommitOverride: what follows the status code of an SAE commit; none to end it.
func setCommitOverride(i *engine.Interface, value string) error {
	b, none, err := override(value)
	if err != nil {
		return err
	}
	if none || len(b) == 0 {
		b = nil
	}
	return i.Tamper(func(t *engine.Tamper) error { t.CommitBody = b; return nil })
}

// maxRejected bounds the list of groups.
const maxRejected = 64

// setRejectedGroups: group numbers, separated by blanks; none to end it.
func setRejectedGroups(i *engine.Interface, value string) error {
	var groups []uint16
	for word := range strings.FieldsSeq(value) {
		n, err := number(word, 0, 65535)
		if err != nil || len(groups) == maxRejected {
			return invalid("extra_sae_rejected_groups")
		}
		if n > 0 { // 0 ends lists of groups in configuration files
			groups = append(groups, uint16(n))
		}
	}
	return i.Tamper(func(t *engine.Tamper) error { t.RejectedGroups = groups; return nil })
}

// maxSignals bounds the BSSs with a pretended signal.
const maxSignals = 256

// setSignalOverride: <bssid>, to end it, or <bssid> <signal> <average signal>
// <average of beacons> <noise> <level of scan results>, in dBm.
func setSignalOverride(i *engine.Interface, value string) error {
	words := strings.Fields(value)
	if len(words) != 1 && len(words) != 6 {
		return invalid("driver_signal_override")
	}
	bssid, err := dot11.ParseMAC(words[0])
	if err != nil {
		return invalid("driver_signal_override: BSSID")
	}
	var v [5]int
	for k, w := range words[1:] {
		if v[k], err = number(w, -10000, 10000); err != nil {
			return err
		}
	}
	return i.Tamper(func(t *engine.Tamper) error {
		next := map[dot11.MAC]engine.Levels{}
		for addr, l := range t.Signals {
			next[addr] = l
		}
		delete(next, bssid)
		if len(words) == 6 {
			next[bssid] = engine.Levels{Signal: v[0], Average: v[1], Beacon: v[2], Noise: v[3], Scan: v[4]}
		}
		if len(next) > maxSignals {
			return engine.ErrLimit
		}
		t.Signals = next
		return nil
	})
}

// ifaceKinds are the kinds of interfaces that have preferred channels, by the numbers
// of get_pref_freq_list_override.
var ifaceKinds = map[string]string{"0": "STATION", "2": "AP", "3": "P2P_GO", "4": "P2P_CLIENT", "8": "TDLS", "9": "IBSS"}

// setPreferred: <kind>:<MHz,…> any number of times; none to end it.
func setPreferred(i *engine.Interface, value string) error {
	kinds := map[string][]int{}
	for word := range strings.FieldsSeq(value) {
		k, list, ok := strings.Cut(word, ":")
		kind := ifaceKinds[k]
		if !ok || kind == "" {
			return invalid("get_pref_freq_list_override")
		}
		for text := range strings.SplitSeq(list, ",") {
			freq, err := number(text, 1, 1<<20)
			if err != nil || len(kinds[kind]) == maxFreqs {
				return invalid("get_pref_freq_list_override: frequency")
			}
			kinds[kind] = append(kinds[kind], freq)
		}
	}
	return i.Tamper(func(t *engine.Tamper) error { t.Preferred = kinds; return nil })
}

// getPreferred: the name of a kind.
func (r *request) getPreferred() string {
	list := r.iface.Preferred(r.arg)
	if list == nil {
		return replyFail
	}
	var words []string
	for _, freq := range list {
		words = append(words, fmt.Sprint(freq))
	}
	return r.value(strings.Join(words, ","), true)
}

// onlyOn is for variables that switch off what is not built.
func onlyOn(what string) func(*engine.Interface, string) error {
	return func(_ *engine.Interface, value string) error {
		on, err := bit(value)
		if err == nil && !on {
			err = fmt.Errorf("%s: not built", what)
		}
		return err
	}
}
