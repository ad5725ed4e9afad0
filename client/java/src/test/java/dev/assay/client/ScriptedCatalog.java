package dev.assay.client;

import dev.assay.v1.CatalogServiceGrpc;
import dev.assay.v1.CatalogServiceProto.EventType;
import dev.assay.v1.CatalogServiceProto.GetBaselineRequest;
import dev.assay.v1.CatalogServiceProto.GetBaselineResponse;
import dev.assay.v1.CatalogServiceProto.GetEventTypeRequest;
import dev.assay.v1.CatalogServiceProto.GetEventTypeResponse;
import dev.assay.v1.CatalogServiceProto.ListEventTypesRequest;
import dev.assay.v1.CatalogServiceProto.ListEventTypesResponse;
import dev.assay.v1.VerdictProto;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;

/** A catalog of three event types, a page each. */
final class ScriptedCatalog extends CatalogServiceGrpc.CatalogServiceImplBase {
  @Override
  public void listEventTypes(
      ListEventTypesRequest request, StreamObserver<ListEventTypesResponse> answers) {
    int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    answers.onNext(
        ListEventTypesResponse.newBuilder()
            .addEventTypes(EventType.newBuilder().setEventType("type." + page))
            .setNextPageToken(page == 2 ? "" : String.valueOf(page + 1))
            .build());
    answers.onCompleted();
  }

  @Override
  public void getEventType(
      GetEventTypeRequest request, StreamObserver<GetEventTypeResponse> answers) {
    if (!request.getEventType().startsWith("type.")) {
      var metadata = Map.of("event_type", request.getEventType());
      answers.onError(
          ScriptedServer.error(Status.Code.NOT_FOUND, "EVENT_TYPE_NOT_FOUND", metadata));
      return;
    }
    var response = GetEventTypeResponse.newBuilder();
    response
        .getEventTypeBuilder()
        .setEventType(request.getEventType())
        .setContractVersion(request.getContractVersion())
        .addChecksBuilder()
        .setCheck("statistics.three_sigma")
        .setLayer(VerdictProto.Layer.LAYER_STATISTICS)
        .setEnforcementValue(7)
        .setNotReady(VerdictProto.SkipReason.SKIP_REASON_WARMING_UP);
    answers.onNext(response.build());
    answers.onCompleted();
  }

  @Override
  public void getBaseline(GetBaselineRequest request, StreamObserver<GetBaselineResponse> answers) {
    var response = GetBaselineResponse.newBuilder().setSampleCount(request.getGroupCount());
    response.addQuantilesBuilder().setRank(0.5).setValue(3);
    response.addCategoriesBuilder().setValue(request.getField()).setCount(2);
    response.setUpdatedAt(request.getAt());
    answers.onNext(response.build());
    answers.onCompleted();
  }
}
