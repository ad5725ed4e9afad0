//! Streams a thousand events: `cargo run --example stream -- http://localhost:50051`
use std::error::Error;

use assay_client::v1::validation_service_client::ValidationServiceClient;
use assay_client::v1::{Event, ValidateStreamRequest};

fn order(items: u64) -> Event {
    let order = serde_json::json!({
        "order_id": format!("o-{items}"), "email": "ada@example.com", "items": items, "total": 10,
    });
    Event::from_json("order.placed", order.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args()
        .nth(1)
        .ok_or("name the server, such as http://localhost:50051")?;
    let mut client = ValidationServiceClient::connect(server).await?;

    // Many events in a message cost far less than one in each.
    let requests = (0..10).map(|sequence| ValidateStreamRequest {
        sequence,
        events: (sequence * 100..(sequence + 1) * 100).map(order).collect(),
        options: None,
    });
    let mut answers = client.validate_stream(tokio_stream::iter(requests)).await?.into_inner();

    let (mut valid, mut all) = (0, 0);
    while let Some(answer) = answers.message().await? {
        valid += answer.verdicts.iter().filter(|verdict| verdict.is_valid()).count();
        all += answer.verdicts.len();
    }
    println!("{valid} of {all} are valid");
    Ok(())
}
