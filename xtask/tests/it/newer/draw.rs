//! Numbers, the same for a seed, and schemas of 3.0 made by them.

use serde_json::{Map, Value, json};

pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// By xorshift64*.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        usize::try_from(high).unwrap() % end
    }

    fn often(&mut self) -> bool {
        self.below(3) == 0
    }

    pub(super) fn schema(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 4 } else { 9 };
        let mut schema = match self.below(kinds) {
            0 => self.text(),
            1 => self.number(),
            2 => json!({"type": "boolean"}),
            3 => return self.reference(),
            4 => json!({"type": "array", "items": self.schema(depth - 1), "minItems": 1}),
            5 => self.object(depth - 1),
            6 => self.choice(depth - 1),
            7 => json!({"allOf": [self.reference()], "default": {}}),
            _ => [json!({}), json!({"not": {}})][self.below(2)].clone(),
        };
        let is_plain = schema.get("not").is_none() && schema != json!({});
        if is_plain && self.often() {
            schema["nullable"] = json!(true);
        }
        if self.often() {
            schema["deprecated"] = json!(true);
        }
        schema
    }

    fn text(&mut self) -> Value {
        let mut text = json!({"type": "string"});
        match self.below(5) {
            0 => text["format"] = json!(["byte", "binary", "date-time"][self.below(3)]),
            1 => text["enum"] = json!(["a"]),
            2 => text["enum"] = json!(["a", "b", "null"]),
            3 => text["maxLength"] = json!(9),
            _ => text["example"] = json!("a"),
        }
        text
    }

    fn number(&mut self) -> Value {
        let mut number = json!({"type": (["integer", "number"][self.below(2)])});
        let bounds = [json!(0), json!(-3), json!(0.1), json!(9_007_199_254_740_993_i64)];
        for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
        {
            if self.often() {
                number[bound] = bounds[self.below(4)].clone();
                if self.often() {
                    number[exclusive] = json!(true);
                }
            }
        }
        number
    }

    fn reference(&mut self) -> Value {
        let name = ["A", "B", "C", "D"][self.below(4)];
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn object(&mut self, depth: usize) -> Value {
        let names = ["type", "const", "enum", "a", "nullable"];
        let count = self.below(names.len()) + 1;
        let properties: Map<_, _> =
            (names[..count].iter()).map(|name| ((*name).to_owned(), self.schema(depth))).collect();
        let mut object = json!({"type": "object", "properties": properties});
        if self.often() {
            object["required"] = json!([names[0]]);
        }
        match self.below(3) {
            0 => object["additionalProperties"] = json!(self.often()),
            1 => object["additionalProperties"] = self.schema(depth),
            _ => {}
        }
        object
    }

    /// Between things that aren't words only, which 3.1 would have as one list of words.
    fn choice(&mut self, depth: usize) -> Value {
        let key = ["oneOf", "anyOf"][self.below(2)];
        json!({key: [self.number(), self.schema(depth), self.schema(depth)]})
    }
}
