// Asks for one verdict: build/unary localhost:50051
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>

#include "assay/v1/validation_service.grpc.pb.h"
#include "assay/verdict.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "Name the server, such as localhost:50051.\n";
    return 2;
  }
  auto channel = grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials());
  auto stub = assay::v1::ValidationService::NewStub(channel);

  assay::v1::ValidateRequest request;
  request.mutable_event()->set_event_type("order.placed");
  request.mutable_event()->set_payload_json(
      R"({"order_id": "o-1", "email": "ada@example.com", "items": 2, "total": 10, "refund": 12})");

  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  assay::v1::ValidateResponse answer;
  if (grpc::Status status = stub->Validate(&context, request, &answer); !status.ok()) {
    std::cerr << status.error_message() << '\n';
    return 1;
  }
  std::cout << "valid: " << std::boolalpha << assay::is_valid(answer.verdict()) << '\n';
  for (const auto& finding : answer.verdict().findings()) {
    std::cout << finding.check() << ' ' << assay::v1::Enforcement_Name(finding.enforcement()) << ": "
              << finding.message() << '\n';
  }
}
