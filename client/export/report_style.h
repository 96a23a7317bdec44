// How a report looks.
#ifndef ALMANAC_CLIENT_EXPORT_REPORT_STYLE_H_
#define ALMANAC_CLIENT_EXPORT_REPORT_STYLE_H_

namespace almanac::client {

// Its style sheet: for wide and narrow screens, light and dark, and A4 paper. It has no character that XML or HTML
// would read otherwise than CSS does.
extern const char kReportStyle[];

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_REPORT_STYLE_H_
