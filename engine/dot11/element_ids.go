package dot11

// ElementID identifies an element (9.4.2.1, table 9-130).
type ElementID uint8

// Element identifiers, named as in the standard.
const (
	ElementSSID                          ElementID = 0
	ElementSupportedRates                ElementID = 1
	ElementDSSSParameterSet              ElementID = 3
	ElementTIM                           ElementID = 5
	ElementIBSSParameterSet              ElementID = 6
	ElementCountry                       ElementID = 7
	ElementRequest                       ElementID = 10
	ElementBSSLoad                       ElementID = 11
	ElementEDCAParameterSet              ElementID = 12
	ElementChallengeText                 ElementID = 16
	ElementPowerConstraint               ElementID = 32
	ElementPowerCapability               ElementID = 33
	ElementTPCReport                     ElementID = 35
	ElementSupportedChannels             ElementID = 36
	ElementChannelSwitchAnnouncement     ElementID = 37
	ElementMeasurementRequest            ElementID = 38
	ElementMeasurementReport             ElementID = 39
	ElementQuiet                         ElementID = 40
	ElementERP                           ElementID = 42
	ElementHTCapabilities                ElementID = 45
	ElementQoSCapability                 ElementID = 46
	ElementRSN                           ElementID = 48
	ElementExtendedSupportedRates        ElementID = 50
	ElementAPChannelReport               ElementID = 51
	ElementNeighborReport                ElementID = 52
	ElementMobilityDomain                ElementID = 54
	ElementFastBSSTransition             ElementID = 55
	ElementTimeoutInterval               ElementID = 56
	ElementRICData                       ElementID = 57
	ElementSupportedOperatingClasses     ElementID = 59
	ElementExtendedChannelSwitch         ElementID = 60
	ElementHTOperation                   ElementID = 61
	ElementSecondaryChannelOffset        ElementID = 62
	ElementRMEnabledCapabilities         ElementID = 70
	ElementMultipleBSSID                 ElementID = 71
	ElementBSSCoexistence                ElementID = 72
	ElementOverlappingBSSScanParameters  ElementID = 74
	ElementManagementMIC                 ElementID = 76
	ElementNontransmittedBSSIDCapability ElementID = 83
	ElementSSIDList                      ElementID = 84
	ElementMultipleBSSIDIndex            ElementID = 85
	ElementBSSMaxIdlePeriod              ElementID = 90
	ElementLinkIdentifier                ElementID = 101
	ElementInterworking                  ElementID = 107
	ElementAdvertisementProtocol         ElementID = 108
	ElementQoSMap                        ElementID = 110
	ElementRoamingConsortium             ElementID = 111
	ElementMeshConfiguration             ElementID = 113
	ElementMeshID                        ElementID = 114
	ElementExtendedCapabilities          ElementID = 127
	ElementDMGCapabilities               ElementID = 148
	ElementDMGOperation                  ElementID = 151
	ElementMultiBand                     ElementID = 158
	ElementVHTCapabilities               ElementID = 191
	ElementVHTOperation                  ElementID = 192
	ElementExtendedBSSLoad               ElementID = 193
	ElementWideBandwidthChannelSwitch    ElementID = 194
	ElementTransmitPowerEnvelope         ElementID = 195
	ElementChannelSwitchWrapper          ElementID = 196
	ElementAID                           ElementID = 197
	ElementOperatingModeNotification     ElementID = 199
	ElementReducedNeighborReport         ElementID = 201
	ElementVendorSpecific                ElementID = 221
	ElementFILSIndication                ElementID = 240
	ElementFragment                      ElementID = 242
	ElementRSNX                          ElementID = 244
	ElementExtension                     ElementID = 255
)

// ExtID is the element identifier extension behind ElementExtension.
type ExtID uint8

// Extension identifiers, named as in the standard.
const (
	ExtIDFILSRequestParameters      ExtID = 2
	ExtIDFILSKeyConfirmation        ExtID = 3
	ExtIDFILSSession                ExtID = 4
	ExtIDFILSHLPContainer           ExtID = 5
	ExtIDFILSIPAddressAssignment    ExtID = 6
	ExtIDKeyDelivery                ExtID = 7
	ExtIDFILSWrappedData            ExtID = 8
	ExtIDESTI                       ExtID = 11
	ExtIDFILSPublicKey              ExtID = 12
	ExtIDFILSNonce                  ExtID = 13
	ExtIDDHParameter                ExtID = 32 // Diffie-Hellman Parameter, used by OWE
	ExtIDPasswordIdentifier         ExtID = 33
	ExtIDHECapabilities             ExtID = 35
	ExtIDHEOperation                ExtID = 36
	ExtIDUORAParameterSet           ExtID = 37
	ExtIDMUEDCAParameterSet         ExtID = 38
	ExtIDSpatialReuseParameterSet   ExtID = 39
	ExtIDMaxChannelSwitchTime       ExtID = 52
	ExtIDOCI                        ExtID = 54
	ExtIDMultipleBSSIDConfiguration ExtID = 55
	ExtIDNonInheritance             ExtID = 56
	ExtIDKnownBSSID                 ExtID = 57
	ExtIDShortSSIDList              ExtID = 58
	ExtIDHE6GHzBandCapabilities     ExtID = 59
	ExtIDEDMGCapabilities           ExtID = 61
	ExtIDEDMGOperation              ExtID = 62
	ExtIDMSCSDescriptor             ExtID = 88
	ExtIDRejectedGroups             ExtID = 92
	ExtIDAntiCloggingToken          ExtID = 93
	ExtIDPASNParameters             ExtID = 100
	ExtIDEHTOperation               ExtID = 106
	ExtIDMultiLink                  ExtID = 107
	ExtIDEHTCapabilities            ExtID = 108
	ExtIDTIDToLinkMapping           ExtID = 109
	ExtIDMultiLinkTraffic           ExtID = 110
	ExtIDAKMSuiteSelector           ExtID = 114
)

// Types of vendor specific elements, next to their OUI.
const (
	MicrosoftWPA uint8 = 1 // with OUIMicrosoft
	MicrosoftWMM uint8 = 2
	MicrosoftWPS uint8 = 4

	WFAP2P            uint8 = 9 // with OUIWFA
	WFADisplay        uint8 = 10
	WFAHS20           uint8 = 16
	WFAOSEN           uint8 = 18
	WFAMBO            uint8 = 22
	WFAMultiAP        uint8 = 27
	WFAOWETransition  uint8 = 28
	WFARSNEOverride   uint8 = 41
	WFARSNEOverride2  uint8 = 42
	WFARSNXEOverride  uint8 = 43
	WFARSNSelection   uint8 = 44
	WFARSNOverrideMLO uint8 = 45 // RSN Override Link KDE type
)
