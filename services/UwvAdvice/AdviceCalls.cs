using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;

namespace BeschutWerk.UwvAdvice;

/// <summary>Which use case runs in which kind of session.</summary>
internal sealed class AdviceCalls(Calls<UwvStore, UwvPlatformStore> calls) : AdviceService.AdviceServiceBase
{
    public override Task<RequestAdviceResponse> RequestAdvice(RequestAdviceRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.RequestAdvice.PrepareAsync, Advising.RequestAdvice.Run,
            (r, checks) => Advising.RequestAdvice.CheckFields(r, CallAccess.CallerOf(context), checks));

    public override Task<RecordAssessmentResponse> RecordAssessment(RecordAssessmentRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.RecordAssessment.Run, Advising.RecordAssessment.CheckFields);

    public override Task<IssueAdviceResponse> IssueAdvice(IssueAdviceRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.IssueAdvice.Run);

    public override Task<WithdrawAdviceRequestResponse> WithdrawAdviceRequest(WithdrawAdviceRequestRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.WithdrawAdviceRequest.Run);

    public override Task<EndAdviceRequestResponse> EndAdviceRequest(EndAdviceRequestRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.EndAdviceRequest.Run);

    public override Task<CorrectPersonResponse> CorrectPerson(CorrectPersonRequest request, ServerCallContext context) =>
        calls.Write(request, context, Advising.CorrectPerson.Run, Advising.CorrectPerson.CompleteAsync, Advising.CorrectPerson.CheckFields);

    public override Task<GetAdviceRequestResponse> GetAdviceRequest(GetAdviceRequestRequest request, ServerCallContext context) =>
        calls.Read(request, context, Advising.GetAdviceRequest.Run);

    public override Task<ListAdviceRequestsResponse> ListAdviceRequests(ListAdviceRequestsRequest request, ServerCallContext context) =>
        request.Municipality.Length == 0
            ? calls.ReadPlatform(
                request, context, Advising.ListAdviceRequests.RunNational,
                (_, checks) => Advising.ListAdviceRequests.CheckFields(CallAccess.CallerOf(context), checks))
            : calls.Read(request, context, Advising.ListAdviceRequests.Run);

    public override Task<ExplainAdviceResponse> ExplainAdvice(ExplainAdviceRequest request, ServerCallContext context) =>
        calls.Read(request, context, Advising.ExplainAdvice.Run);
}
