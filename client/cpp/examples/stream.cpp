// Streams a thousand events, a hundred a message: build/stream localhost:50051
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include "assay/v1/validation_service.grpc.pb.h"
#include "assay/verdict.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  auto channel = grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials());
  auto stub = assay::v1::ValidationService::NewStub(channel);
  grpc::ClientContext context;
  auto stream = stub->ValidateStream(&context);

  std::thread sender([&stream] {  // Beside reading: the server holds back a caller that only sends.
    bool open = true;
    for (int sequence = 0; open && sequence < 10; ++sequence) {
      assay::v1::ValidateStreamRequest request;
      request.set_sequence(sequence);
      for (int items = sequence * 100; items < (sequence + 1) * 100; ++items) {
        auto* event = request.add_events();
        event->set_event_type("order.placed");
        event->set_payload_json(R"({"order_id": "o-1", "email": "ada@example.com", "total": 10, "items": )" +
                                std::to_string(items) + "}");
      }
      open = stream->Write(request);
    }
    stream->WritesDone();
  });
  int valid = 0, all = 0;
  for (assay::v1::ValidateStreamResponse answer; stream->Read(&answer); all += answer.verdicts_size())
    valid += std::count_if(answer.verdicts().begin(), answer.verdicts().end(), assay::is_valid);
  sender.join();
  std::cout << valid << " of " << all << " are valid\n";
  return stream->Finish().ok() ? 0 : 1;
}
