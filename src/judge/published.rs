//! Secrets that everybody knows: documentation examples and emulators' fixed keys, which prove themselves like real ones.
//!
//! Hands on where a secret is published. Only hashes stand here, so that this file is no finding of its own. The trap:
//! the lookup is by the whole value, never by a prefix or a word in it, or it would free real keys that look alike.

use sha2::{Digest, Sha256};

/// The first eight bytes of the SHA-256 of each, sorted, and who published it.
const PUBLISHED: &[(u64, &str)] = &[
    (0x0011_cc25_eb43_2071, "the Azurite emulator"),
    (0x00cf_4c78_1dc3_7003, "RFC 6749"),
    (0x02f7_ce3c_263f_85c0, "Discord's documentation"),
    (0x03b9_70ed_8171_d73b, "Google's reCAPTCHA test keys"),
    (0x0b5d_d075_ccdd_03c4, "Telegram's documentation"),
    (0x0d29_9b1e_b548_708d, "RFC 7636"),
    (0x13d3_1e96_1a1a_d8ec, "RFC 7636"),
    (0x15ce_f4b6_29cc_2d07, "RFC 6455"),
    (0x19ff_47cc_8024_c133, "Stripe's documentation"),
    (0x1a5d_44a2_dca1_9669, "AWS's documentation"),
    (0x1bbb_9293_c38a_cc5e, "MinIO's playground"),
    (0x2932_57ab_6495_ebb1, "RFC 5849"),
    (0x2c31_d647_d566_7058, "RFC 6749"),
    (0x2caf_c097_0149_a84f, "Stripe's documentation"),
    (0x2f72_5bbd_1f40_5a1e, "Stripe's documentation"),
    (0x2ff8_b0fb_93ac_a981, "RFC 5849"),
    (0x3543_c50b_0cb9_cea8, "GitHub's documentation"),
    (0x3a13_4ef7_7d4e_2e4c, "Stripe's documentation"),
    (0x3a64_bcd9_cea4_3c0a, "BIP-39's test vectors"),
    (0x3e54_5ee0_8a59_0a6b, "RFC 6749"),
    (0x41ef_4bb0_b236_61e6, "RFC 7617"),
    (0x45c7_55c9_e88b_a167, "ISO 13616"),
    (0x477b_ba13_3c18_2267, "Stripe's documentation"),
    (0x498e_a109_fc91_a529, "Vagrant's insecure key pair"),
    (0x4c20_e6f5_cc11_b937, "RFC 5849"),
    (0x4f17_de19_a6a5_ac52, "OAuth 1.0's specification"),
    (0x507e_2ce3_c522_082b, "RFC 6455"),
    (0x53f5_da0a_aa93_d64c, "RFC 6749"),
    (0x549c_9390_539e_fcfa, "RFC 4226"),
    (0x60a0_9e43_5786_8c1e, "Hardhat's default accounts"),
    (0x647f_7143_af14_7062, "AWS's documentation"),
    (0x649e_1f5c_769e_718b, "RFC 5849"),
    (0x6859_4afe_9c9c_da52, "Stripe's documentation"),
    (0x6aa1_4267_d949_44e6, "RFC 5849"),
    (0x6c96_130f_130a_b0d6, "RFC 6749"),
    (0x6d7f_a4e6_4d4b_1f3e, "GitHub's documentation"),
    (0x6ed6_45ef_0e1a_bea1, "RFC 4226"),
    (0x731f_a294_d036_e54f, "Telegram's documentation"),
    (0x7831_4b11_be2e_5815, "AWS's documentation"),
    (0x797c_0ce4_1458_6cc8, "GitHub's documentation"),
    (0x7f75_367e_7881_2551, "jwt.io"),
    (0x80f8_b7c9_04d4_a43f, "RFC 5849"),
    (0x82e7_4299_544e_0073, "GitHub's documentation"),
    (0x8be5_d113_c087_1ce1, "Google Authenticator's documentation"),
    (0x8d4e_f653_6dc8_895f, "RFC 7519"),
    (0x8d56_7eb8_8aff_f34f, "OAuth 1.0's specification"),
    (0x9bbe_f194_7662_3ca5, "Stripe's documentation"),
    (0x9c5d_0a66_56e5_d3f3, "Ganache's default accounts"),
    (0x9d03_b692_e941_d5ac, "OAuth 1.0's specification"),
    (0xa35b_81a7_d792_7b70, "RFC 6749"),
    (0xaa65_4743_9583_c3a2, "the Azure Cosmos emulator"),
    (0xac92_65e5_6c79_b234, "Google's documentation"),
    (0xb87d_ad10_a32a_2d81, "RFC 5849"),
    (0xb8e1_4854_5b13_c78b, "RFC 6750"),
    (0xbb9b_1163_338b_2a51, "RFC 5849"),
    (0xbc1a_5096_6c9e_6486, "Hardhat's default accounts"),
    (0xbc3a_e723_f57c_6b9e, "GitHub's documentation"),
    (0xbf14_5d93_80bb_e05b, "PyJWT's documentation"),
    (0xc20f_bc2b_9618_3894, "RFC 5849"),
    (0xc557_eec8_78df_d852, "BIP-39's test vectors"),
    (0xc6ea_27c5_34f9_93d3, "AWS's documentation"),
    (0xc794_fa6d_20c6_4efb, "jwt.io"),
    (0xca74_59e2_b267_76de, "RFC 6749"),
    (0xcb20_d34a_7add_a2f5, "AWS's documentation"),
    (0xcb87_c87e_4a13_8d9a, "RFC 5849"),
    (0xcf4d_418e_d3de_92d7, "RFC 7617"),
    (0xda81_6f9f_2c16_e6c5, "jwt.io"),
    (0xdf45_2eef_23e8_cf2c, "MinIO's playground"),
    (0xe21b_597b_a6b9_cafa, "AWS's documentation"),
    (0xe305_92c3_7ff3_3ddb, "RFC 7617"),
    (0xe8a0_614b_6747_a06f, "AWS's documentation"),
    (0xe997_4c50_7d2a_8021, "RFC 6749"),
    (0xecb0_e7ba_498c_5920, "BIP-39's test vectors"),
    (0xedf2_df66_6591_5d43, "Vagrant's insecure key pair"),
    (0xf2d6_ca16_5150_33e5, "Stripe's documentation"),
    (0xf34b_4ac2_a15b_9651, "ISO 13616"),
    (0xf537_5a46_3650_89a8, "Slack's documentation"),
    (0xf5e9_5c99_5463_5b65, "Google's reCAPTCHA test keys"),
    (0xf79c_d64f_9cea_2378, "Hardhat's default accounts"),
    (0xf7e7_8961_82dc_de5d, "Algolia's demo"),
    (0xfaf7_e1c0_1073_70ff, "ISO 13616"),
];

/// Who published this secret for anybody to see, in words that follow "it is an example of"; `None` for all others.
/// Takes the value as it is judged: of a key block, the normalised one.
#[must_use]
pub fn published(secret: &[u8]) -> Option<&'static str> {
    let digest = Sha256::digest(secret);
    let key = u64::from_be_bytes(*digest.first_chunk()?);
    PUBLISHED.binary_search_by_key(&key, |(hash, _)| *hash).ok().map(|at| PUBLISHED[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(PUBLISHED.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn documentation_examples_are_known_by_their_whole_value() {
        let id = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
        assert_eq!(published(id.as_bytes()), Some("AWS's documentation"));
        let key = ["wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
        assert_eq!(published(key.as_bytes()), Some("AWS's documentation"));
        let token = ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_");
        assert_eq!(published(token.as_bytes()), Some("GitHub's documentation"));
        let junk = format!("{}junk", "test ".repeat(11));
        assert_eq!(published(junk.as_bytes()), Some("Hardhat's default accounts"));
        assert_eq!(published(format!("{token}x").as_bytes()), None);
        assert_eq!(published(&id.as_bytes()[..19]), None);
        assert_eq!(published(b""), None);
    }
}
