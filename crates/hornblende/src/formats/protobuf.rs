//! The wire format of Protocol Buffers, as far as messages are written.

/// The bytes of a message, field after field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// A message without fields.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A whole number, a truth value or a member of an enumeration.
    pub(crate) fn whole(mut self, field: u32, number: i64) -> Self {
        self.key(field, 0);
        // Negative numbers are written as the unsigned ones of the same bits.
        self.varint(number as u64);
        self
    }

    /// A `double`.
    pub(crate) fn double(mut self, field: u32, number: f64) -> Self {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
        self
    }

    /// A `string` or `bytes`.
    pub(crate) fn text(mut self, field: u32, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        self.key(field, 2);
        self.varint(text.len() as u64);
        self.0.extend(text);
        self
    }

    /// A message inside this one.
    pub(crate) fn message(self, field: u32, message: &Self) -> Self {
        self.text(field, &message.0)
    }

    /// An entry of a `map` from strings to messages.
    pub(crate) fn entry(self, field: u32, key: &str, value: &Self) -> Self {
        self.message(field, &Self::new().text(1, key).message(2, value))
    }

    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from(field << 3 | wire_type));
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_bytes_of_the_encoding_guide() {
        // The examples of https://protobuf.dev/programming-guides/encoding.
        assert_eq!(Message::new().whole(1, 150).bytes(), [0x08, 0x96, 0x01]);
        let text = Message::new().text(2, "testing");
        assert_eq!(text.bytes(), b"\x12\x07testing");
        let inner = Message::new().message(3, &Message::new().whole(1, 150));
        assert_eq!(inner.bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let minus_two = Message::new().whole(1, -2);
        let expected = [8, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(minus_two.bytes(), expected);
    }
}
