//! Both features are on; otherwise the other tests would show nothing.

#[test]
fn both_features_are_on() {
    let json: serde_json::Value = serde_json::from_str(r#"{"b": 1.50, "a": 1}"#).unwrap();
    assert_eq!(json.to_string(), r#"{"b":1.50,"a":1}"#);
}
