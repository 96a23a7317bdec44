#include "tests/bench/vocabulary.h"

namespace almanac::bench {
namespace {

constexpr CountedPhrase kFrames[] = {
    {40, {"List of {}", "{}名单", "{}名單"}},
    {9, {"Statistics on {}", "{}统计资料", "{}統計資料"}},
    {5, {"{}", "{}", "{}"}},
    {5, {"Waiting Information on Cases Allocated {}", "获选配{}个案的轮候资料", "獲選配{}個案的輪候資料"}},
    {3, {"Information on {}", "{}资料", "{}資料"}},
    {2, {"List of Service Units of the {}", "{}服务单位名单", "{}服務單位名單"}},
    {2, {"List of Recognised Service Providers of the {}", "{}认可服务单位名单", "{}認可服務單位名單"}},
    {2,
     {"Basic Contact Information and Service Quality Information of {}", "{}基本联络资料及服务质素资料",
      "{}基本聯絡資料及服務質素資料"}},
    {1, {"List of Operators of the {}", "{}营办机构的名单", "{}營辦機構的名單"}},
    {1,
     {"Contact Details of Non-governmental Organisations Operating {}", "营办{}的非政府机构联络方法",
      "營辦{}的非政府機構聯絡方法"}},
    {1, {"Number of Persons Waiting for {}", "轮候{}人数一览表", "輪候{}人數一覽表"}},
    {1, {"Number of Applications Waiting for {}", "轮候{}人次一览表", "輪候{}人次一覽表"}},
    {1,
     {"Statistics on Persons Waiting for {} and Waiting Time", "轮候{}人数及轮候时间的统计数字",
      "輪候{}人數及輪候時間的統計數字"}},
    {1, {"Application Date of Latest Allocation of {}", "最新获编配{}的申请日期", "最新獲編配{}的申請日期"}},
    {1, {"Geo-referenced Data of {}", "{}地理参考数据", "{}地理參考數據"}},
    {1, {"Vacancies of {}", "{}空缺情况", "{}空缺情況"}},
    {1, {"Data on {}", "{}的数据资料", "{}的數據資料"}},
    {1, {"Cumulative Total of {}", "{}的累计总数", "{}的累計總數"}},
    {1, {"Expenditure Data of {}", "{}的开支数据", "{}的開支數據"}},
    {1, {"Participating Organisations of the {}", "{}参与机构", "{}參與機構"}},
    {1,
     {"Asset Limits, Standard Rates and Supplements under {}", "{}的资产限额、标准金额及补助金",
      "{}的資產限額、標準金額及補助金"}},
    {1, {"Estimated Recurrent Subventions of {}", "{}预算经常开支资助", "{}預算經常開支資助"}},
    {1, {"Locations of {}", "{}位置", "{}位置"}},
};

constexpr Phrase kSubjects[] = {
    {"Child Care Centres", "幼儿中心", "幼兒中心"},
    {"Residential Care Homes", "院舍", "院舍"},
    {"Rehabilitation Services", "康复服务", "康復服務"},
    {"Day Care Centres", "日间护理中心", "日間護理中心"},
    {"Community Care Services", "社区照顾服务", "社區照顧服務"},
    {"Counselling Centres", "辅导中心", "輔導中心"},
    {"Residential Respite Service", "住宿暂托服务", "住宿暫託服務"},
    {"Community Centres", "社区中心", "社區中心"},
    {"Residential Care Services", "院舍照顾服务", "院舍照顧服務"},
    {"Outreaching Service", "外展服务", "外展服務"},
    {"Care-and-attention Places", "护理安老宿位", "護理安老宿位"},
    {"Home Care Services Teams", "家居照顾服务队", "家居照顧服務隊"},
    {"Social Security Fraud Cases", "诈骗社会保障款项个案", "詐騙社會保障款項個案"},
    {"Social Work Teams", "社会工作队", "社會工作隊"},
    {"Services Centres", "服务中心", "服務中心"},
    {"Service Units", "服务单位", "服務單位"},
    {"Hotline Services", "热线服务", "熱線服務"},
    {"Residential Services", "住宿服务", "住宿服務"},
    {"Emergency Placement Service", "紧急住宿服务", "緊急住宿服務"},
    {"Probation Service", "感化服务", "感化服務"},
    {"Foster Care Service", "寄养服务", "寄養服務"},
    {"Adoption Service", "领养服务", "領養服務"},
    {"Child Protection Cases", "保护儿童个案", "保護兒童個案"},
    {"Elder Abuse Cases", "虐待长者个案", "虐待長者個案"},
    {"Sexual Violence Cases", "性暴力个案", "性暴力個案"},
    {"Social Centres", "活动中心", "活動中心"},
    {"Service Hostels", "服务宿舍", "服務宿舍"},
    {"Short-term Hostels", "短期宿舍", "短期宿舍"},
    {"Shelters", "收容中心", "收容中心"},
    {"Refuge Centres", "庇护中心", "庇護中心"},
    {"Small Group Homes", "儿童之家", "兒童之家"},
    {"Kindergarten-cum-Child Care Centres", "幼儿园暨幼儿中心", "幼兒園暨幼兒中心"},
    {"Support Teams", "支持队", "支援隊"},
    {"Family Support Networking Teams", "家庭支持网络队", "家庭支援網絡隊"},
    {"Home Help Teams", "家务助理队", "家務助理隊"},
    {"Outreach Teams", "外展队", "外展隊"},
    {"Suicide Prevention Service", "防止自杀服务", "防止自殺服務"},
    {"Food Assistance Service", "食物援助服务", "食物援助服務"},
    {"Nursing Home Places", "护养院宿位", "護養院宿位"},
    {"Drug Treatment and Rehabilitation Centres", "戒毒治疗及康复中心", "戒毒治療及康復中心"},
    {"Halfway Houses", "中途宿舍", "中途宿舍"},
    {"Early Education and Training Centres", "早期教育及训练中心", "早期教育及訓練中心"},
    {"Family Life Education Service", "家庭生活教育服务", "家庭生活教育服務"},
    {"School Social Work Service Agencies", "学校社会工作服务机构", "學校社會工作服務機構"},
    {"Clinical Psychology Units", "临床心理服务课", "臨床心理服務課"},
    {"Family and Child Protective Services Units", "保护家庭及儿童服务课", "保護家庭及兒童服務課"},
    {"Co-parenting Support Centres", "共享亲职支援中心", "共享親職支援中心"},
    {"Non-governmental Organisations", "非政府机构", "非政府機構"},
    {"Volunteer Service Hours", "义工服务时数", "義工服務時數"},
    {"Senior Citizen Cards", "长者卡", "長者卡"},
    {"Old Age Living Allowance", "长者生活津贴", "長者生活津貼"},
    {"Social Security", "社会保障", "社會保障"},
    {"Social Security Appeal Board", "社会保障上诉委员会", "社會保障上訴委員會"},
    {"Need Assessment Mechanism", "评估机制", "評估機制"},
    {"Community Service Orders Offices", "社会服务令办事处", "社會服務令辦事處"},
    {"Children's Reception Centre", "儿童收容中心", "兒童收容中心"},
    // In the plan of the Fire Services Department, which is in English only.
    {"Ambulance Depots", "救护站", "救護站"},
    {"Fire Stations", "消防局", "消防局"},
    {"Fire Calls", "火警召唤", "火警召喚"},
    {"Ambulance Calls", "救护车召唤", "救護車召喚"},
};

constexpr Phrase kModifiers[] = {
    {"Integrated", "综合", "綜合"},
    {"Residential", "住宿", "住宿"},
    {"Subsidised", "资助", "資助"},
    {"Enhanced", "改善", "改善"},
    {"District", "地区", "地區"},
    {"Designated", "指定", "指定"},
    {"Neighbourhood", "邻舍", "鄰舍"},
    {"Emergency", "紧急", "緊急"},
    {"Crisis", "危机", "危機"},
    {"Special", "特殊", "特殊"},
    {"Temporary", "临时", "臨時"},
    {"Overnight", "深宵", "深宵"},
    {"Short-term", "短期", "短期"},
    {"Standalone", "独立", "獨立"},
    {"Cyber", "网上", "網上"},
    {"On-site", "到校", "到校"},
    {"Standardised", "统一", "統一"},
    {"Registered", "登记", "登記"},
    {"Newly Reported", "新呈报", "新呈報"},
    {"Subvented", "受资助之", "受資助之"},
    {"Third Phase", "第三阶段", "第三階段"},
};

constexpr Phrase kGroups[] = {
    {"the Elderly", "长者", "長者"},
    {"Disabled Pre-schoolers", "弱能儿童", "弱能兒童"},
    {"Persons with Disabilities", "残疾人士", "殘疾人士"},
    {"Youth", "青少年", "青少年"},
    {"Young Night Drifters", "夜青", "夜青"},
    {"Children and Youth", "儿童及青年", "兒童及青年"},
    {"Women", "妇女", "婦女"},
    {"Youth at Risk", "边缘青少年", "邊緣青少年"},
    {"Street Sleepers", "露宿者", "露宿者"},
    {"Psychotropic Substance Abusers", "滥用精神药物者", "濫用精神藥物者"},
    {"Ex-offenders and Discharged Prisoners", "曾违法者及刑释人士", "曾違法者及刑釋人士"},
    {"Young Probationers and Youth at High Risk", "受感化青少年及高危青少年", "受感化青少年及高危青少年"},
    {"Groups on the Margin of Society", "边缘社群", "邊緣社群"},
    {"Ethnic Minorities", "少数族裔", "少數族裔"},
};

constexpr Phrase kSchemes[] = {
    {"Central Referral System for Rehabilitation Services", "康复服务中央转介系统", "康復服務中央轉介系統"},
    {"After School Care Fee-waiving Programme", "课余托管收费减免计划", "課餘託管收費減免計劃"},
    {"Pilot Scheme on Community Care Service Voucher", "社区照顾服务券试验计划", "社區照顧服務券試驗計劃"},
    {"Pilot Scheme on Residential Care Service Voucher", "院舍住宿照顾服务券试验计划", "院舍住宿照顧服務券試驗計劃"},
    {"Volunteer Movement", "「义工运动」", "「義工運動」"},
    {"Social Security Allowance Scheme", "公共福利金计划", "公共福利金計劃"},
    {"Comprehensive Social Security Assistance Scheme", "综合社会保障援助计划", "綜合社會保障援助計劃"},
    {"Community Service Orders Scheme", "社会服务令计划", "社會服務令計劃"},
    {"Post-Release Supervision of Prisoners Scheme", "监管释囚计划", "監管釋囚計劃"},
    {"Community Support Service Scheme", "社区支持服务计划", "社區支援服務計劃"},
    {"Neighbourhood Support Child Care Project", "邻里支持幼儿照顾计划", "鄰里支援幼兒照顧計劃"},
    {"Neighbourhood Level Community Development Project", "邻舍层面社区发展计划", "鄰舍層面社區發展計劃"},
    {"Partnership Fund for the Disadvantaged", "携手扶弱基金", "攜手扶弱基金"},
};

constexpr Phrase kSystems[] = {
    {"Central Referral System for Rehabilitation Services - ", "康复服务中央转介系统 - ", "康復服務中央轉介系統 - "},
    {"Vacancy Enquiry System - ", "空置宿位查询系统 - ", "空置宿位查詢系統 - "},
    {"Non-governmental Organisations - ", "非政府机构 - ", "非政府機構 - "},
};

constexpr Phrase kBreakdowns[] = {
    {" by Type of Service", "按服务类别划分的", "按服務類別劃分的"},
    {" by District", "按地区划分的", "按地區劃分的"},
    {" in Each Year", "每年", "每年"},
    {" by Centre and District", "按中心及地区划分的", "按中心及地區劃分的"},
    {" by Sex and Age", "按性别及年龄划分的", "按性別及年齡劃分的"},
    {" by Nature of Case", "按个案性质划分的", "按個案性質劃分的"},
};

constexpr Phrase kNotes[] = {
    {" in the Subsystem for Disabled Pre-schoolers", " - 弱能儿童学前服务子系统", " - 弱能兒童學前服務子系統"},
    {" (excluding the Referral System for Disabled Pre-schoolers)", "(弱能儿童学前服务转介系统除外)",
     "(弱能兒童學前服務轉介系統除外)"},
    {" (applicants with no specific preference on region, district / home)", " (申请者在区域、地区 / 院舍没有特定选择)",
     " (申請者在區域、地區 / 院舍沒有特定選擇)"},
};

constexpr Phrase kFields[] = {
    {"name of agency", "机构名称", "機構名稱"},
    {"name of service unit", "服务单位名称", "服務單位名稱"},
    {"target group", "服务对象", "服務對象"},
    {"service area", "服务地区", "服務地區"},
    {"address", "地址", "地址"},
    {"telephone number", "电话号码", "電話號碼"},
    {"fax number", "传真号码", "傳真號碼"},
    {"email address", "电邮地址", "電郵地址"},
    {"office hours", "办公时间", "辦公時間"},
    {"capacity", "容额", "容額"},
    {"monthly fee", "每月收费", "每月收費"},
    {"type of service", "服务类别", "服務類別"},
    {"date of application", "申请日期", "申請日期"},
    {"number of persons waiting", "轮候人数", "輪候人數"},
};

// But for Social Welfare, Finance and Public Safety, in none of the plans.
constexpr Phrase kCategories[] = {
    {"Social Welfare", "社会福利", "社會福利"},
    {"Finance", "财经", "財經"},
    {"Public Safety", "公共安全", "公共安全"},
    {"Transport", "运输", "運輸"},
    {"Health", "卫生", "衞生"},
    {"Education", "教育", "教育"},
    {"Environment", "环境", "環境"},
    {"Housing", "房屋", "房屋"},
    {"Development", "发展", "發展"},
    {"Population", "人口", "人口"},
    {"Commerce and Industry", "工商业", "工商業"},
    {"Employment and Labour", "就业及劳工", "就業及勞工"},
    {"Recreation and Culture", "康乐及文化", "康樂及文化"},
    {"Food", "食物", "食物"},
    {"Law and Security", "法律及保安", "法律及保安"},
    {"Information Technology", "资讯科技", "資訊科技"},
};

// But for Department and Office, in none of the plans.
constexpr Phrase kBodies[] = {
    {"Department", "署", "署"},        {"Bureau", "局", "局"},        {"Office", "办事处", "辦事處"},
    {"Authority", "管理局", "管理局"}, {"Council", "议会", "議會"},   {"Commission", "委员会", "委員會"},
    {"Trust", "信托", "信託"},         {"Institute", "学院", "學院"},
};

constexpr CountedFrequency kFrequencies[] = {
    {49, almanac::v1::AS_NEEDED, {"As and when updated", "在资料更新时", "在資料更新時"}},
    {15, almanac::v1::YEARLY, {"Yearly", "每年", "每年"}},
    {10, almanac::v1::MONTHLY, {"Monthly", "每月", "每月"}},
    {7, almanac::v1::QUARTERLY, {"Quarterly", "每季", "每季"}},
    {5, almanac::v1::DAILY, {"Daily", "每天", "每天"}},
    {1, almanac::v1::HALF_YEARLY, {"Half-yearly", "每半年", "每半年"}},
    {1, almanac::v1::WEEKLY, {"Weekly", "每星期", "每星期"}},
};

}  // namespace

std::span<const CountedPhrase> Frames() { return kFrames; }
std::span<const Phrase> Subjects() { return kSubjects; }
std::span<const Phrase> Modifiers() { return kModifiers; }
std::span<const Phrase> Groups() { return kGroups; }
std::span<const Phrase> Schemes() { return kSchemes; }
std::span<const Phrase> Systems() { return kSystems; }
std::span<const Phrase> Breakdowns() { return kBreakdowns; }
std::span<const Phrase> Notes() { return kNotes; }
std::span<const Phrase> Fields() { return kFields; }
std::span<const Phrase> Categories() { return kCategories; }
std::span<const Phrase> Bodies() { return kBodies; }
std::span<const CountedFrequency> Frequencies() { return kFrequencies; }

}  // namespace almanac::bench
