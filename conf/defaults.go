package conf

import "net/netip"

// defaultGlobals are the globals of a file that says nothing.
func defaultGlobals() *Globals {
	return &Globals{
		EAPOLVersion:                  1,
		APScan:                        1,
		UserMpm:                       1,
		MaxPeerLinks:                  99,
		MeshMaxInactivity:             300,
		MeshFwding:                    true,
		Dot11RSNASAERetransPeriod:     1000,
		FastReauth:                    1,
		P2PGOIntent:                   7,
		P2PIntraBSS:                   true,
		P2PGOFreqChangePolicy:         2,
		BSSMaxCount:                   1000,
		BSSExpirationAge:              180,
		BSSExpirationScanCount:        2,
		MaxNumSTA:                     128,
		AccessNetworkType:             15,
		P2PGOMaxInactivity:            300,
		ScanResValidForConnect:        5,
		P2PSearchDelay:                500,
		RandAddrLifetime:              60,
		KeyMgmtOffload:                1,
		CertInCB:                      true,
		WpaRSCRelaxation:              true,
		MBOCellCapa:                   3,
		DisassocImminentRSSIThreshold: -75,
		OCE:                           1,
		GASRandAddrLifetime:           60,
		IPAddrGO:                      netip.IPv4Unspecified(), IPAddrMask: netip.IPv4Unspecified(), IPAddrStart: netip.IPv4Unspecified(), IPAddrEnd: netip.IPv4Unspecified(),
		TxQueue: [4]TxQueue{{1, 3, 7, 15}, {1, 7, 15, 30}, {3, 15, 63, 0}, {7, 15, 1023, 0}},
		WMM:     [4]WMMAccess{{3, 4, 10, 0, 0}, {7, 4, 10, 0, 0}, {2, 3, 4, 94, 0}, {2, 2, 3, 47, 0}},
	}
}

// defaultNetwork is a network block that says nothing.
func defaultNetwork() *Network {
	return &Network{
		Proto: ProtoWPA | ProtoRSN, KeyMgmt: KeyMgmtPSK | KeyMgmtEAP, Pairwise: CipherCCMP | CipherTKIP, Group: CipherCCMP | CipherTKIP,
		SAEPWE:                     4,
		BgScanPeriod:               -1,
		HT:                         true,
		VHT:                        true,
		HE:                         true,
		MaxOperChwidth:             -1,
		EAPOLFlags:                 3,
		MeshFwding:                 true,
		MeshRSSIThreshold:          1,
		ProactiveKeyCaching:        -1,
		IEEE80211W:                 3,
		Dot11MeshMaxRetries:        2,
		Dot11MeshRetryTimeout:      40,
		Dot11MeshConfirmTimeout:    40,
		Dot11MeshHoldingTimeout:    40,
		TXSTBC:                     -1,
		RXSTBC:                     -1,
		DisableMaxAMSDU:            -1,
		AMPDUFactor:                -1,
		AMPDUDensity:               -1,
		VHTRXMCS:                   [8]int{-1, -1, -1, -1, -1, -1, -1, -1},
		VHTTXMCS:                   [8]int{-1, -1, -1, -1, -1, -1, -1, -1},
		MKAPriority:                255,
		MACAddr:                    -1,
		RSNOverriding:              -1,
		DropUnicastIPInL2Multicast: true,
		EAP:                        EAP{SIMNum: 1, EAPWorkaround: -1, FragmentSize: 1398},
	}
}

// defaultCred is a credential that says nothing.
func defaultCred() *Cred { return &Cred{SIMNum: 1} }
