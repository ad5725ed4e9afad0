//! Asks for one verdict: `cargo run --example unary -- http://localhost:50051`
use std::error::Error;
use std::time::Duration;

use assay_client::tonic::Request;
use assay_client::v1::validation_service_client::ValidationServiceClient;
use assay_client::v1::{Event, ValidateRequest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args()
        .nth(1)
        .ok_or("name the server, such as http://localhost:50051")?;
    let mut client = ValidationServiceClient::connect(server).await?;

    let order = serde_json::json!({
        "order_id": "o-1", "email": "ada@example.com", "items": 2, "total": 10, "refund": 12,
    });
    let mut request = Request::new(ValidateRequest {
        event: Some(Event::from_json("order.placed", order.to_string())),
        options: None,
    });
    request.set_timeout(Duration::from_secs(10));

    let answer = client.validate(request).await?.into_inner();
    let verdict = answer.verdict.ok_or("an answer without a verdict")?;
    println!("valid: {}", verdict.is_valid());
    for finding in &verdict.findings {
        println!("{} {:?}: {}", finding.check, finding.enforcement(), finding.message);
    }
    Ok(())
}
