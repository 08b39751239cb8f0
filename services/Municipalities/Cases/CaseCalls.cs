using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>CaseService: which use case runs in which kind of session.</summary>
public sealed class CaseCalls(Calls<MunicipalityStore, MunicipalitiesStore> calls) : CaseService.CaseServiceBase
{
    public override Task<OpenCaseResponse> OpenCase(OpenCaseRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OpenCase.Run);

    public override Task<RequestAdviceResponse> RequestAdvice(RequestAdviceRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.RequestAdvice.Prepare, Cases.RequestAdvice.Run);

    public override Task<DetermineCaseResponse> DetermineCase(DetermineCaseRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.DetermineCase.Run, Cases.DetermineCase.Advice);

    public override Task<OfferPlaceResponse> OfferPlace(OfferPlaceRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OfferPlace.Run, Cases.OfferPlace.FreedPlace);

    public override Task<WithdrawOfferResponse> WithdrawOffer(WithdrawOfferRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.WithdrawOffer.Run);

    public override Task<RespondToOfferResponse> RespondToOffer(RespondToOfferRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.RespondToOffer.Run);

    public override Task<OfferAlternativeResponse> OfferAlternative(OfferAlternativeRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OfferAlternative.Run);

    public override Task<RecordDropoutResponse> RecordDropout(RecordDropoutRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.RecordDropout.Run);

    public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) =>
        calls.Read(request, context, Cases.GetCase.Run);

    public override Task<ListCasesResponse> ListCases(ListCasesRequest request, ServerCallContext context) =>
        calls.Read(request, context, Cases.ListCases.Run);

    public override Task<GetCaseTimelineResponse> GetCaseTimeline(GetCaseTimelineRequest request, ServerCallContext context) =>
        calls.Read(request, context, Cases.GetCaseTimeline.Run);
}
