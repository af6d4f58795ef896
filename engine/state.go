package engine

// State is where an interface stands, from nothing to connected. The order
// carries meaning: later states are further along.
type State uint8

// The states, in upstream's order.
const (
	StateDisconnected State = iota
	StateInterfaceDisabled
	StateInactive
	StateScanning
	StateAuthenticating
	StateAssociating
	StateAssociated
	State4WayHandshake
	StateGroupHandshake
	StateCompleted
)

var stateNames = [...]string{
	StateDisconnected:      "DISCONNECTED",
	StateInterfaceDisabled: "INTERFACE_DISABLED",
	StateInactive:          "INACTIVE",
	StateScanning:          "SCANNING",
	StateAuthenticating:    "AUTHENTICATING",
	StateAssociating:       "ASSOCIATING",
	StateAssociated:        "ASSOCIATED",
	State4WayHandshake:     "4WAY_HANDSHAKE",
	StateGroupHandshake:    "GROUP_HANDSHAKE",
	StateCompleted:         "COMPLETED",
}

// String is the name in logs and in wpa_state=.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "UNKNOWN"
}
