using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>CaseService: which use case runs in which kind of session.</summary>
public sealed class CaseCalls(Calls<MunicipalityStore, MunicipalitiesStore> calls, DayTurn turn, TellingUwv telling, Division division)
    : CaseService.CaseServiceBase
{
    public override Task<OpenCaseResponse> OpenCase(OpenCaseRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OpenCase.Run, Cases.OpenCase.CheckFields);

    public override Task<RequestAdviceResponse> RequestAdvice(RequestAdviceRequest request, ServerCallContext context) =>
        calls.Write(request, context, (r, scope) => Cases.RequestAdvice.Prepare(r, telling, scope), Cases.RequestAdvice.Run);

    public override Task<DetermineCaseResponse> DetermineCase(DetermineCaseRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.DetermineCase.Run, Cases.DetermineCase.Advice);

    public override Task<OfferPlaceResponse> OfferPlace(OfferPlaceRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OfferPlace.Run, Cases.OfferPlace.FreedPlace, Cases.OfferPlace.CheckFields);

    public override Task<WithdrawOfferResponse> WithdrawOffer(WithdrawOfferRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.WithdrawOffer.Run);

    public override Task<RespondToOfferResponse> RespondToOffer(RespondToOfferRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.RespondToOffer.Run);

    public override Task<OfferAlternativeResponse> OfferAlternative(OfferAlternativeRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.OfferAlternative.Run);

    public override Task<RecordDropoutResponse> RecordDropout(RecordDropoutRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.RecordDropout.Run, (r, checks) => Cases.RecordDropout.CheckFields(r, division, checks));

    public override Task<CorrectPersonResponse> CorrectPerson(CorrectPersonRequest request, ServerCallContext context) =>
        calls.Write(
            request, context, (r, session) => Cases.CorrectPerson.Run(r, telling, session),
            (r, response, scope) => Cases.CorrectPerson.CompleteAsync(r, response, telling, scope), Cases.CorrectPerson.CheckFields);

    public override Task<TakeBackActResponse> TakeBackAct(TakeBackActRequest request, ServerCallContext context) =>
        calls.Write(request, context, Cases.TakeBackAct.Run);

    public override Task<GetCaseResponse> GetCase(GetCaseRequest request, ServerCallContext context) =>
        turn.Read(calls, request, context, Cases.GetCase.Run);

    public override Task<ListCasesResponse> ListCases(ListCasesRequest request, ServerCallContext context) =>
        turn.Read(calls, request, context, Cases.ListCases.Run, Cases.ListCases.CheckFields);

    public override Task<GetCaseTimelineResponse> GetCaseTimeline(GetCaseTimelineRequest request, ServerCallContext context) =>
        turn.Read(calls, request, context, Cases.GetCaseTimeline.Run);
}
