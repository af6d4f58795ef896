package nl80211

import (
	"fmt"
	"strings"

	"gosupplicant/drivers"
)

// params are the driver parameters (-p) that concern this driver. As upstream
// does, words that are not known are ignored.
type params struct {
	forceConnect   bool // use the connect command even where authenticate and associate exist
	forceBSSSelect bool // firmware chooses the BSS
	noOffchannelTX bool
	noControlPort  bool // EAPOL over a packet socket even where the control port exists
	controlPortAP  bool
	noFullAPClient bool
	noRRM          bool
	secureLTF      bool
	p2pGroupIface  bool
}

// parseParams reads words separated by white space. A word counts when it
// stands in the parameter string, the later of contradicting ones wins. Words
// that ask for what is not built are refused by name.
func parseParams(s string) (params, error) {
	var p params
	for _, word := range strings.Fields(s) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "use_p2p_group_interface":
			p.p2pGroupIface = value == "1"
		case "force_connect_cmd":
			p.forceConnect = value == "1"
		case "force_bss_selection":
			p.forceBSSSelect = value == "1"
		case "no_offchannel_tx":
			p.noOffchannelTX = value == "1"
		case "control_port":
			p.noControlPort = value == "0"
		case "control_port_ap":
			p.controlPortAP = value == "1"
		case "full_ap_client_state":
			p.noFullAPClient = value == "0"
		case "no_rrm":
			p.noRRM = value == "1"
		case "secure_ltf":
			p.secureLTF = value == "1"
		case "rsn_override_in_driver", "extra_bss_membership_selectors":
			if value != "" && value != "0" {
				return params{}, fmt.Errorf("nl80211: driver parameter %q: %w", word, drivers.ErrNotSupported)
			}
		}
	}
	return p, nil
}
