/** Published test vectors, in hexadecimal, with their sources. Only tests import this file. */

/** RFC 9180, appendices A.1.1, A.2.1 and A.3.1: base mode, sequence numbers 0, 1 and 256. */
export const hpkeVectors = [
  {
    name: 'RFC 9180 A.1.1',
    kem: 'X25519',
    aead: 'aes-128-gcm',
    info: '4f6465206f6e2061204772656369616e2055726e',
    ikmE: '7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234',
    pkEm: '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
    skEm: '52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736',
    ikmR: '6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037',
    pkRm: '3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
    skRm: '4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8',
    sharedSecret: 'fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc',
    ciphertexts: [
      'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
      'af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84',
      '957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2',
    ],
    exports: [
      '3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee',
      'e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931',
    ],
  },
  {
    name: 'RFC 9180 A.2.1',
    kem: 'X25519',
    aead: 'chacha20-poly1305',
    info: '4f6465206f6e2061204772656369616e2055726e',
    ikmE: '909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b',
    pkEm: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
    skEm: 'f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600',
    ikmR: '1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df',
    pkRm: '4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a',
    skRm: '8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb',
    sharedSecret: '0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7',
    ciphertexts: [
      '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
      '6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c',
      '7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b',
    ],
    exports: [
      '4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e',
      '5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53',
    ],
  },
  {
    name: 'RFC 9180 A.3.1',
    kem: 'P-256',
    aead: 'aes-128-gcm',
    info: '4f6465206f6e2061204772656369616e2055726e',
    ikmE: '4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e',
    pkEm: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
    skEm: '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb',
    ikmR: '668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550',
    pkRm: '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
    skRm: 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
    sharedSecret: 'c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8',
    ciphertexts: [
      '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
      'fa6f037b47fc21826b610172ca9637e82d6e5801eb31cbd3748271affd4ecb06646e0329cbdf3c3cd655b28e82',
      '10f179686aa2caec1758c8e554513f16472bd0a11e2a907dde0b212cbe87d74f367f8ffe5e41cd3e9962a6afb2',
    ],
    exports: [
      '5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d',
      'd8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a',
    ],
  },
] as const;

/** RFC 9180, appendix A.1.2: PSK mode of X25519, HKDF-SHA256, AES-128-GCM, sequence number 0. */
export const hpkePskVector = {
  info: '4f6465206f6e2061204772656369616e2055726e',
  skEm: '463426a9ffb42bb17dbe6044b9abd1d4e4d95f9041cef0e99d7824eef2b6f588',
  pkRm: '9fed7e8c17387560e92cc6462a68049657246a09bfa8ade7aefe589672016366',
  skRm: 'c5eb01eb457fe6c6f57577c5413b931550a162c71a03ac8d196babbd4e5ce0fd',
  psk: '0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82',
  pskId: '456e6e796e20447572696e206172616e204d6f726961',
  enc: '0ad0950d9fb9588e59690b74f1237ecdf1d775cd60be2eca57af5a4b0471c91b',
  ciphertext:
    'e52c6fed7f758d0cf7145689f21bc1be6ec9ea097fef4e959440012f4feb73fb611b946199e681f4cfc34db8ea',
} as const;

/** RFC 8032, section 7.1, tests 1 to 3. */
export const ed25519Vectors = [
  {
    secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    public: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    public: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    public: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
] as const;

/** RFC 6979, appendix A.2.5: P-256 with SHA-256, message "sample". */
export const ecdsaP256Vector = {
  secret: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
  message: '73616d706c65',
  signature:
    '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
} as const;

/** RFC 5869, appendix A, cases 1 and 2 (SHA-256, basic and long). */
export const hkdfVectors = [
  {
    ikm: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    length: 42,
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    ikm: Array.from({ length: 80 }, (_, i) => i.toString(16).padStart(2, '0')).join(''),
    salt: Array.from({ length: 80 }, (_, i) => (i + 0x60).toString(16)).join(''),
    info: Array.from({ length: 80 }, (_, i) => (i + 0xb0).toString(16)).join(''),
    length: 82,
    prk: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    okm: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
] as const;

/** The MLS working group's crypto-basics vectors, suites 1 to 3. */
export const mlsVectors = [
  {
    suite: 1,
    derive: {
      secret: '51bcdc853b2fffd6c0ce55953e99ce3f47c1135a35154422e71b313a088e5925',
      out: 'fd12ac470b9a57a72290f77d437f28afabb7b4ef80b22c362aa7aa6dea9eeaf0',
    },
    refHash: {
      value: 'd322a8468c26e37b1f0f6664e91c1b81f0c3ba87ff1903604426d512e2451d6f',
      out: 'a00d38eb47333e317599170dfbe420cbc542d7e615d27861935bc4200ccb6daa',
    },
    expand: {
      secret: '5c96b1772964bd54abf1a8d04d3bf699a7fe7b8fd631caf33a0440f699843e3e',
      context: '9492c562f40b5b40d7bc1da471e9532fee88371ef86f2fc85f0f2a4dc7e9ae81',
      length: 16,
      out: 'c7dfff34de8da81aa8dd85828ad05344',
    },
    encrypt: {
      private: 'aa986a7941001bf2f509c54d8f61a5b419c8a0ff02634cf1ccea35b56c8fb002',
      context: '86a8fab1597b2d3fc1498464259eb50852a36f5554589c747f2d6c1fbc67c3d4',
      enc: 'fde840e33c794491db60c2c20e26738b8756b045b33f44bf93b5551fdffbdc5c',
      ciphertext:
        '9fa3af0beaef151947d8af1a45cbc940181cc901d1437d7fc85e4dcb38a3273e730d414abee7eba789a5a55dbbce4cc7',
      plaintext: 'dce54bc43e1bee8c4a9f6224ee9959d171c379c43d05383861307d3e52469a3f',
    },
    sign: {
      content: 'ac833a785a00dc0a8e4d777d7b37ad403a33916334306730d4ce2e359e49169c',
      public: 'fa69d57b300537d17953e7292ceff3dd3a6b0284d1e5aa5bc35db01dd9ce78a4',
      private: '6db310bb3cb063f3fc498e048dbd33885b260a7ee606c8ebd5231d2258b6e572',
      signature:
        '8227e8cb94513227ebca109f6846c1c2d2952e11871e46bb571a9b0173e9cca9a1937e6855183e4059669167908a36614bad713f914766f5d7ea8393c995d009',
    },
  },
  {
    suite: 2,
    derive: {
      secret: 'ee2976c42f17b9b1dc6de5a55208826f9bd4f6566128d1e7f994081fc9f2aaa9',
      out: '92721f7d37dcdabcaa2a82d8ab3500de3aae12ec47071fbb554001a0f93c9a6f',
    },
    refHash: {
      value: 'cf921070e3df7ba6686b3ed0d1e5c842a5595efb67d125d419823f3805bec385',
      out: '8ef2cedff1197a7c2145f5e6f57e1f114cee4511c196f83ca4c26d4e9fa5a3e7',
    },
    expand: {
      secret: 'c65819dcd4e493e5bc63572485c0c193e7ab3cd6e3c7aeabb4500c24edd8ed9e',
      context: '2b7fc3267a16637b2d26ccdf3b4a172302b478e9ee3097cd34bfb2bc516207c2',
      length: 16,
      out: 'c759ff4a9f52b4595832fc386de806ee',
    },
    encrypt: {
      private: 'bd77e2a6151a32ab22e0d31862732e26795e0c0dfd76b021cc867d9aba3f760e',
      context: '4e3f8b2dc5fc39430acf84aed56337e3aa09b6da315bf5291b0274a3cee85ded',
      enc: '0476f9bde3cff237f3802ae8e34ae4ed57ca865a5bc1461738b948e97719a5d544dc41ddda36eb2b54d6d9f345f0c150aedf59f5b22a514473586f3a648c842dcb',
      ciphertext:
        '6e0620fa15994113340745652d73493e57fd69aa50e40ba3a921719c5522f4b320896a15b73d35959c406e4855e0ebb2',
      plaintext: '3b297576567d443b07cf566ea1a64e0e7a7af28fec511517e58adcb45834ac72',
    },
    sign: {
      content: 'ad516cbb32ac5540b7a72ebb77767bb0802adf0825aec91b895e42f22dcfbe5a',
      public:
        '04c34a23c7884124df356b402f32d1ae210e0ca2822a5690fb9b29ec25672d4255f4cb3b9ac86f387c8f5b9f8594305856bbc4354e28e930ad38163f0adb82af7d',
      private: 'dfd217b219cfbb7b133aa5ce1cb72404f87b46f8c8fab0d37543db13adb2a14f',
      signature:
        '3044022036fec778d5fdee4b2807152ad2aaad6cf3c9f37e61e08c2739bb13bacd760ad1022023ab960430c9ef89a90de9d7449018c7c61269f538cdeb96a5d89fe96416e08d',
    },
  },
  {
    suite: 3,
    derive: {
      secret: '9dafd47e71e2133cb115f22d77931c70fd819db20710dd90abe8509f5da36c52',
      out: '0c73ea9a78c55d60aa7e7754593f7fef44a1052a43067f82f363f01fdec37b3a',
    },
    refHash: {
      value: '73020b3d087e7b5471a3f0b7aff803fd5085161d7fd0138dc41deb1a2a93ea12',
      out: '354e71224cd883d8994ab553e2c88a50fb4df2432cc871fe87caa92b945524ac',
    },
    expand: {
      secret: 'fca0057fbcbc257a219ca00eda7b932c19cd284666666d73da7d2e9ba0050b85',
      context: 'e5da8bb590c7736fc27a1f634cb8ac2884ff242ad174fb715a3a261953522a8f',
      length: 32,
      out: '7fbb9f71ba33733f875935644d430916eac8c20a3d358015ad536aad295d5a03',
    },
    encrypt: {
      private: 'a4583e93da26fbed2aefa063952c791925a868944314ea99542b58a1b72c5fe2',
      context: '12b0c535b1e5f4f40fabf70c1bd780080a2223d9d090be9bdeca1935497e489d',
      enc: '8ab65d6b6311b64b850bad990e50763083c5b9f45ea3de2d97a0defd0799f61f',
      ciphertext:
        '9bc51f706abe79109fcf89e9b6fb3d44222b07509a105e4f2740bfeeee01f3b16d3f5b8cd8e38925335ea12ec99348ca',
      plaintext: '0eb9423b4c8e4b6b31c8987be66d7af96458e93d8539150d093b750dfeab7058',
    },
    sign: {
      content: 'e310c8359a2858fb77e91ddab46e94d5dac71914a631c0f80a3efa495033d0f9',
      public: '0060dd83fadcb2055773a74f4f1f0cc6ebffc47d5eadcb036a960495169da50f',
      private: '4cc2127e86b88ef7799ce235fc1cbff6391a29b56df0ec0f27cd4007d953ae66',
      signature:
        '27c24992dd39e24b7bbca1164b430f67d0508a96b0c59e153b27d68313d31b57226a6c939f2c8e80c58947d926167498514b4ba7ba6c8441418cef32b360700d',
    },
  },
] as const;

/**
 * draft-connolly-cfrg-xwing-kem (05 to 11), appendix C: seed, encapsulation randomness, shared
 * secret. The secret depends on every byte of the key pair and of the ciphertext's second half.
 */
export const xWingVectors = [
  {
    seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
    randomness:
      '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
    sharedSecret: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
    publicKeyStart: 'e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5',
    encStart: 'b83aa828d4d62b9a83ceffe1d3d3bb1ef31264643c070c5798927e41fb07914a',
  },
  {
    seed: 'badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea',
    randomness:
      '17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdefaee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d',
    sharedSecret: 'f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150',
    publicKeyStart: '',
    encStart: '',
  },
  {
    seed: 'ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9',
    randomness:
      '22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b',
    sharedSecret: '953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f',
    publicKeyStart: '',
    encStart: '',
  },
] as const;

/** RFC 9497, appendix A.1.2: VOPRF mode of ristretto255-SHA512. */
export const voprfVectors = {
  seed: 'a3'.repeat(32),
  keyInfo: '74657374206b6579',
  secretKey: 'e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909',
  publicKey: 'c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e',
  single: {
    input: '00',
    blind: '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706',
    blinded: '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945',
    evaluated: 'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e',
    proof:
      'ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d',
    proofRandom: '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e',
    output:
      'b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c',
  },
  batch: {
    inputs: ['00', '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'],
    blinds: [
      '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706',
      '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e',
    ],
    blinded: [
      '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945',
      '90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654',
    ],
    evaluated: [
      'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e',
      'cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a',
    ],
    proof:
      'cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08',
    proofRandom: '419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c',
    outputs: [
      'b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c',
      '8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6',
    ],
  },
} as const;
