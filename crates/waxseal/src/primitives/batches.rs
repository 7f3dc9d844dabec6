//! AES-256 that never encrypts less than a batch of blocks. In wasm, which has no instructions for AES, a batch takes as long as a single block and there is code for
//! either; so a single block is one of a batch here, and pages download only the code for batches. Tests have it too.

use aes_gcm::aes;
use aes_gcm::aes::cipher::consts::U16;
use aes_gcm::aes::cipher::inout::InOut;
use aes_gcm::aes::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, Key, KeyInit, KeySizeUser, ParBlocks,
    ParBlocksSizeUser,
};

/// An expanded key, wiped when it is dropped.
pub(crate) struct Aes256(aes::Aes256);

impl KeySizeUser for Aes256 {
    type KeySize = <aes::Aes256 as KeySizeUser>::KeySize;
}

impl KeyInit for Aes256 {
    fn new(key: &Key<Self>) -> Self {
        Self(aes::Aes256::new(key))
    }
}

impl BlockSizeUser for Aes256 {
    type BlockSize = U16;
}

impl BlockCipherEncrypt for Aes256 {
    fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = U16>) {
        self.0.encrypt_with_backend(InBatches(f));
    }
}

/// What is to be done with a cipher, done with one that has batches only.
struct InBatches<F>(F);

impl<F> BlockSizeUser for InBatches<F> {
    type BlockSize = U16;
}

impl<F: BlockCipherEncClosure<BlockSize = U16>> BlockCipherEncClosure for InBatches<F> {
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        self.0.call(&Batches(backend));
    }
}

struct Batches<'a, B>(&'a B);

impl<B> BlockSizeUser for Batches<'_, B> {
    type BlockSize = U16;
}

impl<B: ParBlocksSizeUser> ParBlocksSizeUser for Batches<'_, B> {
    type ParBlocksSize = B::ParBlocksSize;
}

impl<B: BlockCipherEncBackend<BlockSize = U16>> BlockCipherEncBackend for Batches<'_, B> {
    fn encrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
        let mut batch = ParBlocks::<Self>::default();
        if let Some(first) = batch.first_mut() {
            *first = block.clone_in();
        }
        self.encrypt_par_blocks((&mut batch).into());
        if let Some(first) = batch.first() {
            *block.get_out() = *first;
        }
    }

    fn encrypt_par_blocks(&self, blocks: InOut<'_, '_, ParBlocks<Self>>) {
        self.0.encrypt_par_blocks(blocks);
    }
}
