using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Knowledge;
using Grpc.Core;

namespace BeschutWerk.Knowledge;

/// <summary>PracticeService: which use case runs in which session.</summary>
public sealed class PracticeCalls(PlatformCalls<KnowledgeStore> calls) : PracticeService.PracticeServiceBase
{
    public override Task<SubmitPracticeResponse> SubmitPractice(SubmitPracticeRequest request, ServerCallContext context) => calls.Write(request, context, Practices.SubmitPractice.Run, Practices.SubmitPractice.CheckFields);

    public override Task<ReviewPracticeResponse> ReviewPractice(ReviewPracticeRequest request, ServerCallContext context) => calls.Write(request, context, Practices.ReviewPractice.Run, Practices.ReviewPractice.CheckFields);

    public override Task<PublishPracticeResponse> PublishPractice(PublishPracticeRequest request, ServerCallContext context) => calls.Write(request, context, Practices.PublishPractice.Run);

    public override Task<SearchPracticesResponse> SearchPractices(SearchPracticesRequest request, ServerCallContext context) => calls.Read(request, context, Practices.SearchPractices.Run, Practices.SearchPractices.CheckFields);

    public override Task<GetPracticeResponse> GetPractice(GetPracticeRequest request, ServerCallContext context) => calls.Read(request, context, Practices.GetPractice.Run);
}
